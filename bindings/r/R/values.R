# Values for C. NULL stays NULL.

# A string in UTF-8. What its encoding does not allow is refused, where enc2utf8() would replace it.
text <- function(value, name) {
  if (is.null(value)) return(NULL)
  if (!is.character(value) || length(value) != 1 || is.na(value)) refuse(name, " is not one string")
  known <- switch(Encoding(value), latin1 = "latin1", "UTF-8" = "UTF-8", bytes = "bytes", "")
  converted <- if (known == "bytes") NA else iconv(value, known, "UTF-8")
  if (is.na(converted)) refuse(name, " is not valid text in its encoding")
  converted
}

# Seconds as the milliseconds that C takes; a part of one counts as one.
milliseconds <- function(seconds, name) {
  if (is.null(seconds)) return(NULL)
  if (!is_number(seconds) || seconds < 0 || ceiling(seconds * 1000) > LARGEST) {
    refuse(name, " is not a number of seconds from 0 to ", LARGEST %/% 1000)
  }
  ceiling(seconds * 1000)
}

count <- function(value, name) {
  if (is.null(value)) return(NULL)
  if (!is_number(value) || value < 0 || value > LARGEST || value != floor(value)) {
    refuse(name, " is not a whole number from 0 to ", LARGEST)
  }
  as.numeric(value)
}

# Where the value stands among the names, from 0.
position <- function(value, names, name) {
  at <- if (is.character(value) && length(value) == 1) match(value, names) else NA
  if (is.na(at)) refuse(name, " is none of ", paste(names, collapse = ", "))
  at - 1L
}

is_number <- function(value) is.numeric(value) && length(value) == 1 && !is.na(value)

LARGEST <- 2^32 - 1
