//! x
use fabula_story::*;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let story = Story::from_json(&std::fs::read_to_string(path).unwrap()).unwrap();
    let t = std::time::Instant::now();
    let board = fabula_direct::direct(&story, &fabula_direct::Options::default());
    eprintln!("{:?}", t.elapsed());
    board.check().unwrap();
    for r in &board.cast {
        println!("{} {} {} {:?}", r.id, r.name, r.color, r.look);
    }
    let (mut hold, mut all) = (0.0, 0.0);
    for s in &board.scenes {
        println!(
            "== {} {:?} {:?} {:?}",
            s.id, s.setting, s.backdrop, s.transition.kind
        );
        for shot in &s.shots {
            all += shot.duration_s;
            if shot.camera == CameraMove::Hold {
                hold += shot.duration_s
            }
            println!(
                "-- {} {:.2}s {:?} {:?} {:?} mood {} {}",
                shot.id,
                shot.duration_s,
                shot.framing,
                shot.focus,
                shot.camera,
                shot.mood.emotion,
                shot.mood.intensity
            );
            for a in &shot.actors {
                print!("     {} x{} {:?} {:?}", a.role, a.x, a.facing, a.pose);
                for c in &a.cues {
                    print!(" | {:.2} {:?}", c.at_s, c.kind)
                }
                println!();
            }
            for c in &shot.captions {
                println!(
                    "     [{:.2}+{:.2}] {:?} {}",
                    c.start_s,
                    c.duration_s,
                    c.role,
                    c.text.replace('\n', " / ")
                );
            }
        }
    }
    println!(
        "total {:.1}s hold {:.2} shots {} avg {:.2}",
        all,
        hold / all,
        board.scenes.iter().map(|s| s.shots.len()).sum::<usize>(),
        all / board.scenes.iter().map(|s| s.shots.len()).sum::<usize>() as f64
    );
}
