source("service.R")

check <- function(options) do.call(sm_check, options)
STEPS <- c("credentials", "base URL", "proxy", "name", "connection", "TLS", "certificate", "clock", "answer")

# contract: check
report <- check(trusted())
stopifnot(
  identical(report$steps$name, STEPS),
  identical(report$steps$verdict, rep("ok", 9)),
  is.null(report$error)
)
says("TLS 1[.]3", report$steps$text[6])

report <- check(wrong())
stopifnot(
  identical(report$steps$name, STEPS),
  identical(report$steps$name[report$steps$verdict == "wrong"], "answer"),
  nzchar(report$steps$advice[9]),
  inherits(report$error, "sm_token_error"),
  report$error$status == sm_status[["INVALID_CLIENT"]]
)
stopifnot(!any(grepl("a wrong secret", capture.output(print(report), str(report)))))

# A step that is not reached is unknown.
report <- check(trusted(client_id = "one"))
stopifnot(
  identical(report$steps$verdict, c("wrong", rep("unknown", 8))),
  report$error$code == "INVALID_ARGUMENT",
  failure(sm_check(timeout = 0))$code == "INVALID_ARGUMENT",
  failure(sm_check(timeout = "7"))$code == "INVALID_ARGUMENT"
)

# The log handler is called in a check too, and its error is a warning.
said <- character()
check(trusted(log = function(level, message) said <<- c(said, message), log_level = "debug"))
stopifnot(length(said) > 0)
