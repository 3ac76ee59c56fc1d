VERDICTS <- c("ok", "wrong", "unknown")

sm_check <- function(client_id = NULL, client_secret = NULL, base_url = NULL, scope = NULL, user_agent = NULL,
                     proxy = NULL, ca_file = NULL, trust = "system", timeout = NULL, connect_timeout = NULL,
                     max_retries = NULL, log = NULL, log_level = "info", client_id_file = NULL,
                     client_secret_file = NULL) {
  outcome <- call_with(C_check, environment())
  if (is.null(outcome$steps)) fail(outcome)
  steps <- outcome$steps
  steps$verdict <- VERDICTS[steps$verdict + 1L]
  error <- if (!is.null(outcome$error)) condition_of(outcome$error)
  list(steps = as.data.frame(steps, stringsAsFactors = FALSE), error = error)
}
