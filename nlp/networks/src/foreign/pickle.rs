//! `pytorch_model.bin`: the arrays of a file that `torch.save` wrote, as a ZIP archive or in the
//! older form of pickles and raw numbers in one file.
//!
//! A pickle is a program for a stack machine. Only what describes arrays is carried out; nothing
//! is called, and the work and memory are in proportion to the file, whatever stands in it. For
//! that, values lie in one list and refer to each other by index, as they do in Python.

use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::ops::Range;
use std::rc::Rc;

use zip::{CompressionMethod, ZipArchive};

/// A name, a shape and its values, row by row.
pub type NamedArray = (String, Vec<usize>, Vec<f32>);

/// The arrays together may hold so many times the bytes of the file: some are stored once and
/// named twice.
const MOST_REUSE: usize = 4;
/// Arrays have at most so many dimensions.
const MOST_DIMENSIONS: usize = 8;
/// Names that are used often have at most so many bytes.
const LONGEST_NAME: usize = 256;
/// Where checkpoints keep the arrays, if not at the top.
const NESTS: [&str; 3] = ["state_dict", "model_state_dict", "model"];

/// The arrays of floating-point numbers in a file.
///
/// # Errors
/// Says what is wrong with the file.
pub fn arrays(bytes: &[u8]) -> Result<Vec<NamedArray>, String> {
    if bytes.starts_with(b"PK") {
        from_zip(bytes)
    } else {
        from_older(bytes)
    }
}

fn from_zip(bytes: &[u8]) -> Result<Vec<NamedArray>, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let index = archive
        .file_names()
        .find(|name| *name == "data.pkl" || name.ends_with("/data.pkl"))
        .map(str::to_owned)
        .ok_or("it is an archive without data.pkl")?;
    let folder = index.trim_end_matches("data.pkl").to_owned();
    let entry = |archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str| {
        let mut entry = archive
            .by_name(name)
            .map_err(|error| format!("{name}: {error}"))?;
        if entry.compression() != CompressionMethod::Stored {
            return Err(format!("{name} is compressed"));
        }
        let mut content = Vec::new();
        entry
            .read_to_end(&mut content)
            .map_err(|error| format!("{name}: {error}"))?;
        Ok(content)
    };
    let order = format!("{folder}byteorder");
    if archive.index_for_name(&order).is_some() && entry(&mut archive, &order)? == b"big" {
        return Err("its numbers are big-endian".to_owned());
    }
    let pickle = entry(&mut archive, &index)?;
    let mut machine = Machine::new(&pickle);
    let top = machine.run()?;
    let tensors = machine.tensors(top)?;
    let mut storages: HashMap<String, Rc<[u8]>> = HashMap::new();
    let mut collected = Collected::new(bytes.len());
    for (name, tensor) in tensors {
        if tensor.storage.number.is_none() {
            continue;
        }
        let key = &tensor.storage.key;
        let storage = if let Some(storage) = storages.get(key) {
            storage.clone()
        } else {
            let storage: Rc<[u8]> = entry(&mut archive, &format!("{folder}data/{key}"))?.into();
            storages.insert(key.clone(), storage.clone());
            storage
        };
        collected.add(name, tensor, &storage)?;
    }
    Ok(collected.arrays)
}

/// Pickles of a magic number, a version, facts on the system, the arrays and the keys of the
/// storages; then for each key the count of its numbers and the numbers.
fn from_older(bytes: &[u8]) -> Result<Vec<NamedArray>, String> {
    const MAGIC: [u8; 15] = *b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
    if !bytes.starts_with(&MAGIC) {
        return Err("it was not written by torch.save".to_owned());
    }
    let mut machine = Machine::new(bytes);
    for _ in 0..3 {
        machine.run()?;
    }
    let top = machine.run()?;
    let keys = machine.run()?;
    let tensors = machine.tensors(top)?;
    let sizes: HashMap<&str, usize> = machine
        .values
        .iter()
        .filter_map(|value| match value {
            Value::Storage(storage) => Some((storage.key.as_str(), storage.bytes_each)),
            _ => None,
        })
        .collect();
    let mut storages: HashMap<&str, Range<usize>> = HashMap::new();
    let mut at = machine.at;
    let Some(Value::List(keys)) = machine.values.get(keys) else {
        return Err("it does not list its numbers".to_owned());
    };
    for key in keys {
        let key = machine.text(*key)?;
        let each = *sizes.get(key).ok_or("it lists numbers of no array")?;
        let count = bytes
            .get(at..at.saturating_add(8))
            .and_then(|count| Some(u64::from_le_bytes(count.try_into().ok()?)))
            .ok_or("it is cut short")?;
        at += 8;
        let end = usize::try_from(count)
            .ok()
            .and_then(|count| count.checked_mul(each)?.checked_add(at))
            .filter(|end| *end <= bytes.len())
            .ok_or("it is cut short")?;
        storages.insert(key, at..end);
        at = end;
    }
    let mut collected = Collected::new(bytes.len());
    for (name, tensor) in tensors {
        if tensor.storage.number.is_none() {
            continue;
        }
        let range = storages
            .get(tensor.storage.key.as_str())
            .cloned()
            .ok_or_else(|| format!("it lacks the numbers of `{name}`"))?;
        let storage = bytes.get(range).unwrap_or_default();
        collected.add(name, tensor, storage)?;
    }
    Ok(collected.arrays)
}

/// Arrays on the way to a file's all.
struct Collected {
    arrays: Vec<NamedArray>,
    room_bytes: usize,
}

impl Collected {
    fn new(file_bytes: usize) -> Self {
        Self {
            arrays: Vec::new(),
            room_bytes: file_bytes.saturating_mul(MOST_REUSE),
        }
    }

    fn add(&mut self, name: &str, tensor: &Tensor, storage: &[u8]) -> Result<(), String> {
        let damaged = || format!("the numbers of `{name}` are incomplete");
        let Some(number) = tensor.storage.number else {
            return Ok(());
        };
        let each = tensor.storage.bytes_each;
        let count = tensor
            .shape
            .iter()
            .try_fold(1_usize, |count, side| count.checked_mul(*side))
            .ok_or_else(damaged)?;
        let bytes = count.checked_mul(each).ok_or_else(damaged)?;
        if bytes > storage.len() {
            return Err(damaged());
        }
        self.room_bytes = self
            .room_bytes
            .checked_sub(bytes.saturating_add(name.len()))
            .ok_or("its arrays are larger than the file")?;
        let values = if tensor.is_plain() {
            let start = tensor.offset.checked_mul(each).ok_or_else(damaged)?;
            let end = start.checked_add(bytes).ok_or_else(damaged)?;
            let rows = storage.get(start..end).ok_or_else(damaged)?;
            rows.chunks_exact(each)
                .map(|value| number.value(value))
                .collect()
        } else {
            tensor
                .places(count)
                .map(|place| {
                    let start = place?.checked_mul(each)?;
                    let value = storage.get(start..start.checked_add(each)?)?;
                    Some(number.value(value))
                })
                .collect::<Option<Vec<_>>>()
                .ok_or_else(damaged)?
        };
        self.arrays
            .push((name.to_owned(), tensor.shape.clone(), values));
        Ok(())
    }
}

/// How floating-point numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    F64,
    F32,
    F16,
    Bf16,
}

impl Number {
    fn value(self, bytes: &[u8]) -> f32 {
        match (self, bytes) {
            (Self::F64, _) => bytes
                .try_into()
                .map_or(f32::NAN, |bytes| f64::from_le_bytes(bytes) as f32),
            (Self::F32, _) => bytes.try_into().map_or(f32::NAN, f32::from_le_bytes),
            (Self::F16, [low, high]) => burn::tensor::f16::from_le_bytes([*low, *high]).to_f32(),
            (Self::Bf16, [low, high]) => burn::tensor::bf16::from_le_bytes([*low, *high]).to_f32(),
            _ => f32::NAN,
        }
    }
}

/// A row of numbers that arrays are cut out of.
#[derive(Clone, Debug)]
struct Storage {
    key: String,
    bytes_each: usize,
    /// None for whole numbers, which are no weights.
    number: Option<Number>,
}

impl Storage {
    fn new(class: &str, key: &str) -> Result<Self, String> {
        let (bytes_each, number) = match class.rsplit(' ').next().unwrap_or_default() {
            "DoubleStorage" => (8, Some(Number::F64)),
            "FloatStorage" => (4, Some(Number::F32)),
            "HalfStorage" => (2, Some(Number::F16)),
            "BFloat16Storage" => (2, Some(Number::Bf16)),
            "LongStorage" => (8, None),
            "IntStorage" => (4, None),
            "ShortStorage" => (2, None),
            "CharStorage" | "ByteStorage" | "BoolStorage" => (1, None),
            other => return Err(format!("its numbers are of the unknown kind `{other}`")),
        };
        Ok(Self {
            key: key.to_owned(),
            bytes_each,
            number,
        })
    }
}

/// A cut out of a storage.
#[derive(Clone, Debug)]
struct Tensor {
    storage: Storage,
    /// In numbers, like the strides.
    offset: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
}

impl Tensor {
    /// Whether its numbers lie one after the other.
    fn is_plain(&self) -> bool {
        let mut stride = 1_usize;
        self.shape
            .iter()
            .zip(&self.strides)
            .rev()
            .all(|(side, found)| {
                let plain = *side <= 1 || *found == stride;
                stride = stride.saturating_mul(*side);
                plain
            })
    }

    /// Where its numbers lie, row by row; none where that cannot be counted.
    fn places(&self, count: usize) -> impl Iterator<Item = Option<usize>> {
        (0..count).map(|number| {
            let mut rest = number;
            self.shape.iter().zip(&self.strides).rev().try_fold(
                self.offset,
                |sum, (side, stride)| {
                    let index = rest % (*side).max(1);
                    rest /= (*side).max(1);
                    sum.checked_add(index.checked_mul(*stride)?)
                },
            )
        })
    }
}

/// Values that others refer to by their index.
enum Value {
    /// Something that describes no array.
    Other,
    Whole(i64),
    Text(String),
    /// A class or function, as `module name`.
    Global(String),
    Tuple(Vec<usize>),
    List(Vec<usize>),
    /// Keys and values.
    Dictionary(Vec<(usize, usize)>),
    Storage(Storage),
    Tensor(Tensor),
}

/// The stack machine.
struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    values: Vec<Value>,
    stack: Vec<usize>,
    marks: Vec<usize>,
    memo: HashMap<usize, usize>,
}

impl<'a> Machine<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            values: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(count);
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or("it is cut short")?;
        self.at += count;
        Ok(taken)
    }

    fn skip(&mut self, count: usize) -> Result<(), String> {
        self.take(count).map(|_| ())
    }

    /// A number in `count` bytes, at most eight.
    fn number(&mut self, count: usize) -> Result<usize, String> {
        let bytes = self.take(count)?;
        let number = bytes
            .iter()
            .rev()
            .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        usize::try_from(number).map_err(|_| "it is damaged".to_owned())
    }

    fn line(&mut self) -> Result<String, String> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .ok_or("it is cut short")?;
        let line = String::from_utf8_lossy(self.take(length)?).into_owned();
        self.at += 1;
        Ok(line)
    }

    fn push(&mut self, value: Value) {
        self.stack.push(self.values.len());
        self.values.push(value);
    }

    fn push_other(&mut self, length: usize) -> Result<(), String> {
        self.skip(length)?;
        self.push(Value::Other);
        Ok(())
    }

    /// A text after its length in so many bytes.
    fn push_text(&mut self, bytes: usize) -> Result<(), String> {
        let length = self.number(bytes)?;
        let text = String::from_utf8_lossy(self.take(length)?).into_owned();
        self.push(Value::Text(text));
        Ok(())
    }

    fn pop(&mut self) -> Result<usize, String> {
        self.stack.pop().ok_or_else(|| "it is damaged".to_owned())
    }

    fn pop_several(&mut self, count: usize) -> Result<Vec<usize>, String> {
        let from = self.stack.len().checked_sub(count).ok_or("it is damaged")?;
        Ok(self.stack.split_off(from))
    }

    /// What was pushed since the last mark.
    fn pop_to_mark(&mut self) -> Result<Vec<usize>, String> {
        let from = self.marks.pop().ok_or("it is damaged")?;
        if from > self.stack.len() {
            return Err("it is damaged".to_owned());
        }
        Ok(self.stack.split_off(from))
    }

    fn text(&self, index: usize) -> Result<&str, String> {
        match self.values.get(index) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err("it is damaged".to_owned()),
        }
    }

    /// A text that is copied, and therefore must not be long.
    fn name(&self, index: usize) -> Result<&str, String> {
        let text = self.text(index)?;
        if text.len() > LONGEST_NAME {
            return Err("it is damaged".to_owned());
        }
        Ok(text)
    }

    fn whole(&self, index: usize) -> Result<usize, String> {
        match self.values.get(index) {
            Some(Value::Whole(number)) => {
                usize::try_from(*number).map_err(|_| "it is damaged".to_owned())
            }
            _ => Err("it is damaged".to_owned()),
        }
    }

    fn wholes(&self, index: usize) -> Result<Vec<usize>, String> {
        match self.values.get(index) {
            Some(Value::Tuple(parts)) if parts.len() <= MOST_DIMENSIONS => {
                parts.iter().map(|part| self.whole(*part)).collect()
            }
            _ => Err("it is damaged".to_owned()),
        }
    }

    /// Runs to the end of a pickle and gives the index of its value.
    fn run(&mut self) -> Result<usize, String> {
        self.stack.clear();
        self.marks.clear();
        self.memo.clear();
        loop {
            let operation = self.number(1)?;
            match operation as u8 {
                b'.' => return self.pop(),
                0x80 => self.skip(1)?,
                0x95 => self.skip(8)?,
                b'c' => {
                    let name = format!("{} {}", self.line()?, self.line()?);
                    self.push(Value::Global(name));
                }
                0x93 => {
                    let parts = self.pop_several(2)?;
                    let name = format!("{} {}", self.name(parts[0])?, self.name(parts[1])?);
                    self.push(Value::Global(name));
                }
                b'q' => self.remember(1)?,
                b'r' => self.remember(4)?,
                0x94 => {
                    let top = *self.stack.last().ok_or("it is damaged")?;
                    self.memo.insert(self.memo.len(), top);
                }
                b'h' => self.recall(1)?,
                b'j' => self.recall(4)?,
                b'(' => self.marks.push(self.stack.len()),
                // A value that is not needed, or the state of an object, such as its version.
                b'0' | b'b' => {
                    self.pop()?;
                }
                b'N' | 0x88 | 0x89 => self.push(Value::Other),
                b'U' | 0x8c => self.push_text(1)?,
                b'T' | b'X' => self.push_text(4)?,
                0x8d => self.push_text(8)?,
                b'C' => {
                    let length = self.number(1)?;
                    self.push_other(length)?;
                }
                b'B' => {
                    let length = self.number(4)?;
                    self.push_other(length)?;
                }
                b'K' => self.push_number(1)?,
                b'M' => self.push_number(2)?,
                b'J' => {
                    let number = (self.number(4)? as u32).cast_signed();
                    self.push(Value::Whole(number.into()));
                }
                0x8a => self.push_long()?,
                b'I' | b'L' => {
                    let line = self.line()?;
                    let number = line.trim_end_matches('L').parse();
                    self.push(number.map_or(Value::Other, Value::Whole));
                }
                b'G' => self.push_other(8)?,
                b')' => self.push(Value::Tuple(Vec::new())),
                b']' => self.push(Value::List(Vec::new())),
                b'}' => self.push(Value::Dictionary(Vec::new())),
                0x85..=0x87 => {
                    let parts = self.pop_several(operation - 0x84)?;
                    self.push(Value::Tuple(parts));
                }
                b't' => {
                    let parts = self.pop_to_mark()?;
                    self.push(Value::Tuple(parts));
                }
                b'l' => {
                    let parts = self.pop_to_mark()?;
                    self.push(Value::List(parts));
                }
                b'd' => {
                    let parts = self.pop_to_mark()?;
                    self.push(Value::Dictionary(Vec::new()));
                    self.set(&parts)?;
                }
                b'a' => {
                    let parts = self.pop_several(1)?;
                    self.extend(&parts)?;
                }
                b'e' => {
                    let parts = self.pop_to_mark()?;
                    self.extend(&parts)?;
                }
                b's' => {
                    let parts = self.pop_several(2)?;
                    self.set(&parts)?;
                }
                b'u' => {
                    let parts = self.pop_to_mark()?;
                    self.set(&parts)?;
                }
                b'Q' => {
                    let name = self.pop()?;
                    let storage = self.storage(name)?;
                    self.push(Value::Storage(storage));
                }
                b'R' | 0x81 => {
                    let parts = self.pop_several(2)?;
                    self.call(parts[0], parts[1])?;
                }
                other => return Err(format!("it holds the unknown operation {other:#04x}")),
            }
        }
    }

    fn remember(&mut self, bytes: usize) -> Result<(), String> {
        let key = self.number(bytes)?;
        let top = *self.stack.last().ok_or("it is damaged")?;
        self.memo.insert(key, top);
        Ok(())
    }

    fn recall(&mut self, bytes: usize) -> Result<(), String> {
        let key = self.number(bytes)?;
        let value = *self.memo.get(&key).ok_or("it is damaged")?;
        self.stack.push(value);
        Ok(())
    }

    fn push_number(&mut self, bytes: usize) -> Result<(), String> {
        let number = self.number(bytes)?;
        self.push(i64::try_from(number).map_or(Value::Other, Value::Whole));
        Ok(())
    }

    /// A number in two's complement of any length; those beyond 64 bits say nothing of arrays.
    fn push_long(&mut self) -> Result<(), String> {
        let length = self.number(1)?;
        let bytes = self.take(length)?;
        let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut filled = [if negative { 0xff } else { 0 }; 8];
        match filled.get_mut(..length) {
            Some(places) => {
                places.copy_from_slice(bytes);
                self.push(Value::Whole(i64::from_le_bytes(filled)));
            }
            None => self.push(Value::Other),
        }
        Ok(())
    }

    fn extend(&mut self, parts: &[usize]) -> Result<(), String> {
        let top = *self.stack.last().ok_or("it is damaged")?;
        if let Some(Value::List(list)) = self.values.get_mut(top) {
            list.extend_from_slice(parts);
        }
        Ok(())
    }

    fn set(&mut self, parts: &[usize]) -> Result<(), String> {
        let top = *self.stack.last().ok_or("it is damaged")?;
        if let Some(Value::Dictionary(items)) = self.values.get_mut(top) {
            items.extend(parts.chunks_exact(2).map(|pair| (pair[0], pair[1])));
        }
        Ok(())
    }

    /// The storage of a persistent name: `("storage", class, key, device, count)`.
    fn storage(&self, name: usize) -> Result<Storage, String> {
        let Some(Value::Tuple(parts)) = self.values.get(name) else {
            return Err("it is damaged".to_owned());
        };
        let [_, class, key, ..] = parts.as_slice() else {
            return Err("it is damaged".to_owned());
        };
        let Some(Value::Global(class) | Value::Text(class)) = self.values.get(*class) else {
            return Err("it is damaged".to_owned());
        };
        if class.len() > LONGEST_NAME {
            return Err("it is damaged".to_owned());
        }
        Storage::new(class, self.name(*key)?)
    }

    /// Carries out the calls that make arrays and dictionaries.
    fn call(&mut self, function: usize, arguments: usize) -> Result<(), String> {
        let Some(Value::Global(name)) = self.values.get(function) else {
            self.push(Value::Other);
            return Ok(());
        };
        let arguments = match self.values.get(arguments) {
            Some(Value::Tuple(arguments)) => arguments.as_slice(),
            _ => &[],
        };
        match name.as_str() {
            "collections OrderedDict" => self.push(Value::Dictionary(Vec::new())),
            "torch._utils _rebuild_parameter" => {
                let array = *arguments.first().ok_or("it is damaged")?;
                self.stack.push(array);
            }
            "torch._utils _rebuild_tensor" | "torch._utils _rebuild_tensor_v2" => {
                let [storage, offset, shape, strides, ..] = arguments else {
                    return Err("it is damaged".to_owned());
                };
                let Some(Value::Storage(storage)) = self.values.get(*storage) else {
                    return Err("it is damaged".to_owned());
                };
                let tensor = Tensor {
                    storage: storage.clone(),
                    offset: self.whole(*offset)?,
                    shape: self.wholes(*shape)?,
                    strides: self.wholes(*strides)?,
                };
                if tensor.shape.len() != tensor.strides.len() {
                    return Err("it is damaged".to_owned());
                }
                self.push(Value::Tensor(tensor));
            }
            _ => self.push(Value::Other),
        }
        Ok(())
    }

    /// The named arrays of the dictionary at `top`, or of the one in it that holds them.
    fn tensors(&self, top: usize) -> Result<Vec<(&str, &Tensor)>, String> {
        let items = |index: usize| match self.values.get(index) {
            Some(Value::Dictionary(items)) => Ok(items),
            _ => Err("it holds no dictionary of arrays".to_owned()),
        };
        let arrays = |items: &[(usize, usize)]| {
            items
                .iter()
                .filter_map(
                    |(name, value)| match (self.text(*name), self.values.get(*value)) {
                        (Ok(name), Some(Value::Tensor(tensor))) => Some((name, tensor)),
                        _ => None,
                    },
                )
                .collect::<Vec<_>>()
        };
        let outer = items(top)?;
        let found = arrays(outer);
        if !found.is_empty() {
            return Ok(found);
        }
        let nest = outer
            .iter()
            .find(|(name, _)| self.text(*name).is_ok_and(|name| NESTS.contains(&name)));
        match nest {
            Some((_, nest)) => Ok(arrays(items(*nest)?)),
            None => Err("it holds no dictionary of arrays".to_owned()),
        }
    }
}
