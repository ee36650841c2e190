//! Figures and tables, as aligned text or as JSON.

use std::fmt;
use std::fmt::Write as _;

use serde_json::{Map, json};

use super::tally::Tally;

/// What was measured on one set of texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// What was measured, and on what.
    pub title: String,
    /// The figures that sum it up.
    pub figures: Vec<(&'static str, Value)>,
    /// What is behind them.
    pub tables: Vec<Table>,
}

/// A figure, or the name of something in a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// How many.
    Count(usize),
    /// Between 0 and 1; text shows it in per cent.
    Share(f64),
    /// Words.
    Text(String),
}

/// Rows of values under named columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What the rows are.
    pub name: &'static str,
    /// The names of the columns.
    pub columns: Vec<&'static str>,
    /// A value a column.
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// Precision, recall and F1 of each class; `class` names the column of classes.
    pub fn of_tallies(
        name: &'static str,
        class: &'static str,
        tallies: impl IntoIterator<Item = (impl Into<String>, Tally)>,
    ) -> Self {
        let row = |(class, tally): (_, Tally)| {
            vec![
                Value::Text(Into::into(class)),
                Value::Share(tally.precision()),
                Value::Share(tally.recall()),
                Value::Share(tally.f1()),
                Value::Count(tally.found),
                Value::Count(tally.gold),
            ]
        };
        Self {
            name,
            columns: vec![class, "precision", "recall", "F1", "found", "gold"],
            rows: tallies.into_iter().map(row).collect(),
        }
    }
}

impl Report {
    /// The report as JSON: shares between 0 and 1, a table as a list of objects.
    pub fn to_json(&self) -> serde_json::Value {
        let figures: Map<_, _> = self
            .figures
            .iter()
            .map(|(name, value)| entry(name, value))
            .collect();
        let tables: Map<_, _> = self
            .tables
            .iter()
            .map(|table| (table.name.to_owned(), table.to_json()))
            .collect();
        json!({ "title": self.title, "figures": figures, "tables": tables })
    }
}

impl Table {
    fn to_json(&self) -> serde_json::Value {
        let row = |row: &Vec<Value>| -> Map<_, _> {
            self.columns
                .iter()
                .zip(row)
                .map(|(name, value)| entry(name, value))
                .collect()
        };
        json!(self.rows.iter().map(row).collect::<Vec<_>>())
    }
}

fn entry(name: &str, value: &Value) -> (String, serde_json::Value) {
    let value = match value {
        Value::Count(count) => json!(count),
        Value::Share(share) => json!(share),
        Value::Text(text) => json!(text),
    };
    (name.to_owned(), value)
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => f.pad(&count.to_string()),
            Self::Share(share) => f.pad(&format!("{:.2}%", 100.0 * share)),
            Self::Text(text) => f.pad(text),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = |text: &dyn fmt::Display| text.to_string().chars().count();
        let columns: Vec<(usize, bool)> = self
            .columns
            .iter()
            .enumerate()
            .map(|(at, name)| {
                let values = || self.rows.iter().filter_map(|row| row.get(at));
                let widest = values().map(|value| length(value)).max().unwrap_or(0);
                let words = values().any(|value| matches!(value, Value::Text(_)));
                (widest.max(length(name)), words)
            })
            .collect();
        let mut line = |values: &[&dyn fmt::Display]| {
            let mut text = String::new();
            for (value, (width, words)) in values.iter().zip(&columns) {
                let value = value.to_string();
                if *words {
                    let _ = write!(text, "  {value:<width$}");
                } else {
                    let _ = write!(text, "  {value:>width$}");
                }
            }
            writeln!(f, "{}", text.trim_end())
        };
        let as_values: Vec<&dyn fmt::Display> = self.columns.iter().map(|name| name as _).collect();
        line(&as_values)?;
        for row in &self.rows {
            let as_values: Vec<&dyn fmt::Display> = row.iter().map(|value| value as _).collect();
            line(&as_values)?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        let width = self
            .figures
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or(0);
        for (name, value) in &self.figures {
            writeln!(f, "  {name:<width$}  {value:>7}")?;
        }
        for table in self.tables.iter().filter(|table| !table.rows.is_empty()) {
            write!(f, "\n{}\n{table}", table.name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let tally = Tally {
            right: 1,
            found: 2,
            gold: 1,
        };
        Report {
            title: "feelings of two texts".into(),
            figures: vec![("accuracy", Value::Share(0.5)), ("texts", Value::Count(2))],
            tables: vec![Table::of_tallies(
                "feelings",
                "feeling",
                [("joy", tally), ("fear", Tally::default())],
            )],
        }
    }

    #[test]
    fn text_is_aligned_words_left_and_numbers_right() {
        let expected = "\
feelings of two texts
  accuracy   50.00%
  texts           2

feelings
  feeling  precision   recall      F1  found  gold
  joy         50.00%  100.00%  66.67%      2     1
  fear         0.00%    0.00%   0.00%      0     0
";
        assert_eq!(report().to_string(), expected);
    }

    #[test]
    fn json_names_every_value_of_a_table() {
        let json = report().to_json();
        assert_eq!(json["figures"]["accuracy"], json!(0.5));
        assert_eq!(json["tables"]["feelings"][0]["feeling"], json!("joy"));
        assert_eq!(json["tables"]["feelings"][0]["recall"], json!(1.0));
        assert_eq!(json["tables"]["feelings"][1]["gold"], json!(0));
    }
}
