# The numbers of the C library's statuses, by their names. Written by bindings/constants.
sm_status <- c(
  OK = 0L,
  INVALID_ARGUMENT = 10L,
  NO_CREDENTIALS = 11L,
  BUFFER_TOO_SMALL = 12L,
  INSECURE_URL = 13L,
  DNS = 20L,
  CONNECT = 21L,
  TIMEOUT = 22L,
  PROXY = 23L,
  IO = 24L,
  CANCELED = 25L,
  RESOURCES = 26L,
  TLS = 30L,
  CERTIFICATE = 31L,
  NO_TRUST_ROOTS = 32L,
  INVALID_CLIENT = 40L,
  INVALID_SCOPE = 41L,
  OAUTH = 42L,
  RATE_LIMITED = 43L,
  SERVER = 44L,
  HTTP = 45L,
  INVALID_RESPONSE = 50L,
  RESPONSE_TOO_LARGE = 51L,
  INTERNAL = 90L
)

# Stops with the condition of a failure.
fail <- function(failure) stop(condition_of(failure))

# A condition of class sm_token_error, which has the failure's fields.
condition_of <- function(failure) {
  retry_after <- if (failure$retry_after_ms < 0) NULL else failure$retry_after_ms / 1000
  code <- names(sm_status)[match(failure$status, sm_status)]
  structure(
    class = c("sm_token_error", "error", "condition"),
    list(
      message = failure$message, call = NULL, status = failure$status, code = code,
      http_status = failure$http_status, oauth_code = failure$oauth_code,
      oauth_description = failure$oauth_description, retryable = failure$retryable, retry_after = retry_after
    )
  )
}

refuse <- function(...) {
  fail(list(
    status = sm_status[["INVALID_ARGUMENT"]], message = paste0(...), http_status = 0L, oauth_code = "",
    oauth_description = "", retryable = FALSE, retry_after_ms = -1
  ))
}

# What .Call returned, unless it is a failure.
succeeded <- function(outcome) {
  if (is.list(outcome)) fail(outcome)
  outcome
}

conditionMessage.sm_token_error <- function(c) c$message
