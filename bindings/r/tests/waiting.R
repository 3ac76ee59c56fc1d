source("service.R")

there <- listening()
hole <- loopback(there$port, timeout = 60, max_retries = 0)

# contract: wait-interrupted
# An interrupt, as Ctrl-C makes one, ends a wait.
kept <- client(hole)
system(sprintf("(sleep 1; kill -INT %d)", Sys.getpid()), wait = FALSE)
took <- elapsed(came <- tryCatch(sm_client_token(kept), interrupt = function(why) "interrupted"))
stopifnot(identical(came, "interrupted"), took < 20)

# So does a limit of R's own.
took <- elapsed(came <- tryCatch({
  setTimeLimit(elapsed = 1, transient = TRUE)
  sm_client_authorization(kept)
}, error = conditionMessage))
setTimeLimit()
says("time limit", came)
stopifnot(took < 20)

# contract: wait-bounded
# A wait has a bound of its own, and the request goes on for the next call.
for (wait in c(0, 0.2)) {
  took <- elapsed(error <- failure(sm_client_authorization(kept, wait = wait)))
  stopifnot(error$code == "TIMEOUT", error$retryable, is.null(error$retry_after), took >= wait * 0.9, took < 20)
}
says("^wait is not", failure(sm_client_token(kept, wait = -1))$message)
hole$timeout <- 0.3
stopifnot(failure(fetch(hole))$code == "TIMEOUT")

invisible(control("/settings", "POST", '{"delay_ms": 500}'))
kept <- client(trusted())
stopifnot(requests({
  stopifnot(failure(sm_client_token(kept, wait = 0.05))$code == "TIMEOUT")
  stopifnot(sm_client_token(kept)$type == "Bearer")
}) == 1)
invisible(control("/settings", "POST", '{"delay_ms": 0}'))
