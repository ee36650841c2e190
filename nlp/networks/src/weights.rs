//! Trained weights: named arrays from a safetensors file, 8-bit integers with scales included.

use std::collections::HashMap;
use std::sync::Arc;

use safetensors::{Dtype, SafeTensors};
use thiserror::Error;

/// Why weights could not be used.
#[derive(Debug, Error)]
pub enum WeightsError {
    /// The file is not what it should be.
    #[error("{0} is not a readable safetensors file ({1}); fetch or export it again")]
    Unreadable(String, String),
    /// An array that the network needs is not there.
    #[error("{file} lacks `{name}`; it belongs to another kind of network")]
    Missing {
        /// The file.
        file: String,
        /// The array.
        name: String,
    },
    /// An array has another shape than the network needs.
    #[error("`{name}` in {file} has the shape {found:?} where {expected} was expected")]
    Shape {
        /// The file.
        file: String,
        /// The array.
        name: String,
        /// What the file holds.
        found: Vec<usize>,
        /// What the network needs, in words.
        expected: String,
    },
    /// An array has a type that is not understood.
    #[error("`{name}` in {file} is of type {dtype}, which is none of F32, F16, BF16 and I8")]
    Type {
        /// The file.
        file: String,
        /// The array.
        name: String,
        /// Its type.
        dtype: String,
    },
}

/// Matrices are turned in blocks of this side, so that both stay in the cache.
const BLOCK: usize = 32;

/// A matrix of numbers in rows, as it is stored.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// The numbers of rows and columns.
    pub shape: [usize; 2],
    /// The values, row by row.
    pub values: Vec<f32>,
}

impl Matrix {
    /// The matrix with rows and columns exchanged.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let [rows, columns] = self.shape;
        let mut values = vec![0.0; self.values.len()];
        for top in (0..rows).step_by(BLOCK) {
            for left in (0..columns).step_by(BLOCK) {
                for row in top..(top + BLOCK).min(rows) {
                    for column in left..(left + BLOCK).min(columns) {
                        values[column * rows + row] = self.values[row * columns + column];
                    }
                }
            }
        }
        Self {
            shape: [columns, rows],
            values,
        }
    }
}

/// A table of rows to look up, kept as small as it is stored.
#[derive(Clone, Debug)]
pub struct Table {
    /// The numbers of rows and columns.
    pub shape: [usize; 2],
    rows: Rows,
}

#[derive(Clone, Debug)]
enum Rows {
    Float(Vec<f32>),
    Byte { values: Vec<i8>, scales: Vec<f32> },
}

impl From<Matrix> for Table {
    fn from(matrix: Matrix) -> Self {
        Self {
            shape: matrix.shape,
            rows: Rows::Float(matrix.values),
        }
    }
}

impl Table {
    /// Adds row `index` to `sum`. An index beyond the table adds nothing.
    pub fn add_row(&self, index: usize, sum: &mut [f32]) {
        let width = self.shape[1];
        let range = index * width..(index + 1) * width;
        match &self.rows {
            Rows::Float(values) => {
                for (sum, value) in sum.iter_mut().zip(values.get(range).unwrap_or_default()) {
                    *sum += value;
                }
            }
            Rows::Byte { values, scales } => {
                let scale = scales.get(index).copied().unwrap_or_default();
                for (sum, value) in sum.iter_mut().zip(values.get(range).unwrap_or_default()) {
                    *sum += f32::from(*value) * scale;
                }
            }
        }
    }
}

/// Named arrays. Cheap to clone.
#[derive(Clone)]
pub struct Weights {
    file: Arc<str>,
    arrays: Arc<HashMap<String, Array>>,
    facts: Arc<HashMap<String, String>>,
}

#[derive(Clone)]
struct Array {
    shape: Vec<usize>,
    values: Values,
}

#[derive(Clone)]
enum Values {
    Float(Vec<f32>),
    Byte(Vec<i8>),
}

impl Weights {
    /// Reads a safetensors file; `file` is the name that errors give it.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self, WeightsError> {
        let unreadable = |error: &dyn std::fmt::Display| {
            WeightsError::Unreadable(file.into(), error.to_string())
        };
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| unreadable(&error))?;
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| unreadable(&error))?;
        let mut arrays = HashMap::new();
        for (name, view) in tensors.iter() {
            let data = view.data();
            let values = match view.dtype() {
                Dtype::F32 => Values::Float(
                    data.chunks_exact(4)
                        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                        .collect(),
                ),
                Dtype::F16 => Values::Float(
                    data.chunks_exact(2)
                        .map(|b| burn::tensor::f16::from_le_bytes([b[0], b[1]]).to_f32())
                        .collect(),
                ),
                Dtype::BF16 => Values::Float(
                    data.chunks_exact(2)
                        .map(|b| burn::tensor::bf16::from_le_bytes([b[0], b[1]]).to_f32())
                        .collect(),
                ),
                Dtype::I8 => Values::Byte(data.iter().map(|b| b.cast_signed()).collect()),
                // Counters and position numbers that some exporters keep beside the weights.
                Dtype::I64 | Dtype::I32 | Dtype::U8 | Dtype::BOOL => continue,
                other => {
                    return Err(WeightsError::Type {
                        file: file.into(),
                        name: name.to_owned(),
                        dtype: format!("{other:?}"),
                    });
                }
            };
            arrays.insert(
                name.to_owned(),
                Array {
                    shape: view.shape().to_vec(),
                    values,
                },
            );
        }
        let facts = header.metadata().clone().unwrap_or_default();
        Ok(Self {
            file: file.into(),
            arrays: Arc::new(arrays),
            facts: Arc::new(facts),
        })
    }

    /// Weights from arrays that were read elsewhere: names, shapes and values.
    pub fn from_arrays(
        file: &str,
        arrays: impl IntoIterator<Item = (String, Vec<usize>, Vec<f32>)>,
    ) -> Self {
        let arrays = arrays
            .into_iter()
            .map(|(name, shape, values)| {
                let values = Values::Float(values);
                (name, Array { shape, values })
            })
            .collect();
        Self {
            file: file.into(),
            arrays: Arc::new(arrays),
            facts: Arc::default(),
        }
    }

    /// These with the arrays of another file, which come instead of those of the same name.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        let more = other.arrays.iter();
        Arc::make_mut(&mut self.arrays)
            .extend(more.map(|(name, array)| (name.clone(), array.clone())));
        self
    }

    /// The name of the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// A fact from the header of the file.
    pub fn fact(&self, name: &str) -> Result<&str, WeightsError> {
        self.facts
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| self.missing(name))
    }

    /// Whether there is an array of this name.
    pub fn has(&self, name: &str) -> bool {
        self.arrays.contains_key(name)
    }

    /// The names of all arrays, in order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.arrays.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    fn missing(&self, name: &str) -> WeightsError {
        WeightsError::Missing {
            file: self.file.to_string(),
            name: name.to_owned(),
        }
    }

    fn array(&self, name: &str) -> Result<&Array, WeightsError> {
        self.arrays.get(name).ok_or_else(|| self.missing(name))
    }

    fn wrong_shape(&self, name: &str, array: &Array, expected: &str) -> WeightsError {
        WeightsError::Shape {
            file: self.file.to_string(),
            name: name.to_owned(),
            found: array.shape.clone(),
            expected: expected.to_owned(),
        }
    }

    fn scales(&self, name: &str, rows: usize) -> Result<Vec<f32>, WeightsError> {
        self.vector(&format!("{name}.scale"), rows)
    }

    /// A row of `length` numbers.
    pub fn vector(&self, name: &str, length: usize) -> Result<Vec<f32>, WeightsError> {
        let array = self.array(name)?;
        match &array.values {
            Values::Float(values) if array.shape == [length] => Ok(values.clone()),
            _ => Err(self.wrong_shape(name, array, &format!("a row of {length}"))),
        }
    }

    fn rows_and_columns(&self, name: &str) -> Result<(&Array, [usize; 2]), WeightsError> {
        let array = self.array(name)?;
        match array.shape.as_slice() {
            [rows, columns] => Ok((array, [*rows, *columns])),
            _ => Err(self.wrong_shape(name, array, "rows and columns")),
        }
    }

    /// A matrix, as 32-bit floats.
    pub fn matrix(&self, name: &str) -> Result<Matrix, WeightsError> {
        let (array, shape) = self.rows_and_columns(name)?;
        let values = match &array.values {
            Values::Float(values) => values.clone(),
            Values::Byte(values) => {
                let scales = self.scales(name, shape[0])?;
                values
                    .chunks(shape[1].max(1))
                    .zip(scales)
                    .flat_map(|(row, scale)| row.iter().map(move |value| f32::from(*value) * scale))
                    .collect()
            }
        };
        Ok(Matrix { shape, values })
    }

    /// A matrix of `outputs` rows and `inputs` columns, turned to `[inputs, outputs]`.
    pub fn linear(
        &self,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> Result<Matrix, WeightsError> {
        let matrix = self.matrix(name)?;
        if matrix.shape != [outputs, inputs] {
            let array = self.array(name)?;
            return Err(self.wrong_shape(name, array, &format!("{outputs} rows of {inputs}")));
        }
        Ok(matrix.transposed())
    }

    /// A table to look up rows of `width` in.
    pub fn table(&self, name: &str, width: usize) -> Result<Table, WeightsError> {
        let (array, shape) = self.rows_and_columns(name)?;
        if shape[1] != width {
            return Err(self.wrong_shape(name, array, &format!("rows of {width}")));
        }
        let rows = match &array.values {
            Values::Float(values) => Rows::Float(values.clone()),
            Values::Byte(values) => Rows::Byte {
                values: values.clone(),
                scales: self.scales(name, shape[0])?,
            },
        };
        Ok(Table { shape, rows })
    }
}
