//! H.264 encoders behind one trait, and the MP4 file they fill.
