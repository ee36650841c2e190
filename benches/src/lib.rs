//! Speed of each stage and of the whole film.
