# A token is a list of its handle, so that no string of R holds the token until it is asked for.
new_token <- function(handle) structure(list(handle = handle), class = "sm_token")

sm_fetch <- function(...) {
  client <- sm_client(...)
  on.exit(sm_client_close(client))
  sm_client_token(client)
}

`$.sm_token` <- function(x, name) {
  fields <- c("access_token", "authorization", "type", "scope", "expires_at", "expires_in")
  handle <- unclass(x)$handle
  field <- position(name, fields, "the field of a token")
  if (!.Call(C_is_open, handle)) refuse("the token comes from another session")
  value <- .Call(C_token_field, handle, field)
  if (name == "expires_at") .POSIXct(value, tz = "UTC") else value
}

format.sm_token <- function(x, ...) "<sm_token>"
print.sm_token <- function(x, ...) invisible(cat(format(x), "\n", sep = ""))
str.sm_token <- function(object, ...) print(object)
