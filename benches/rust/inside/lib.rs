//! Holds the benchmark `inside`, which is all that there is.
