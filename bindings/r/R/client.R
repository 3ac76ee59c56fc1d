TRUST <- c("system", "bundled")
LOG_LEVELS <- c("off", "error", "warn", "info", "debug")

sm_client <- function(client_id = NULL, client_secret = NULL, base_url = NULL, scope = NULL, user_agent = NULL,
                      proxy = NULL, ca_file = NULL, trust = "system", timeout = NULL, connect_timeout = NULL,
                      max_retries = NULL, log = NULL, log_level = "info", client_id_file = NULL,
                      client_secret_file = NULL) {
  structure(list(handle = succeeded(call_with(C_client_new, environment()))), class = "sm_client")
}

# Calls a function of C with the arguments of sm_client(), of which the frame has all: no call that a traceback shows
# holds the secret.
call_with <- function(entry, frame) {
  if (!is.null(frame$log) && !is.function(frame$log)) refuse("log is not a function")
  text_of <- function(name) text(frame[[name]], name)
  ms_of <- function(name) milliseconds(frame[[name]], name)
  values <- list(
    text_of("base_url"), text_of("scope"), text_of("user_agent"), text_of("proxy"), text_of("ca_file"),
    ms_of("timeout"), ms_of("connect_timeout"), count(frame$max_retries, "max_retries"),
    position(frame$trust, TRUST, "trust"), position(frame$log_level, LOG_LEVELS, "log_level"),
    text_of("client_id_file"), text_of("client_secret_file")
  )
  handler <- if (is.null(frame$log)) NULL else handing_on(frame$log)
  .Call(entry, text_of("client_id"), text_of("client_secret"), values, handler)
}

# An error of the handler costs no token: it becomes a warning.
handing_on <- function(log) {
  function(level, message) {
    tryCatch(
      log(LOG_LEVELS[level + 1L], message),
      error = function(e) warning("the log handler of smtoken failed: ", conditionMessage(e), call. = FALSE)
    )
  }
}

sm_client_token <- function(client, wait = NULL) {
  new_token(succeeded(.Call(C_client_token, handle_of(client), wait_ms(wait))))
}

sm_client_authorization <- function(client, wait = NULL) {
  succeeded(.Call(C_client_authorization, handle_of(client), wait_ms(wait)))
}

sm_client_invalidate <- function(client, refused = NULL) {
  token <- if (inherits(refused, "sm_token")) unclass(refused)$handle else text(refused, "refused")
  .Call(C_client_invalidate, handle_of(client), token)
  invisible(client)
}

sm_client_set_credentials <- function(client, client_id, client_secret) {
  id <- text(client_id, "client_id")
  secret <- text(client_secret, "client_secret")
  succeeded(.Call(C_client_set_credentials, handle_of(client), id, secret))
  invisible(client)
}

sm_client_shutdown <- function(client) invisible(.Call(C_client_shutdown, handle_of(client)))

sm_client_close <- function(client) invisible(.Call(C_client_close, handle_of(client)))

sm_library_version <- function() .Call(C_library_version)

handle_of <- function(client) {
  if (!inherits(client, "sm_client")) refuse("client is none: make it with sm_client()")
  unclass(client)$handle
}

# NULL means the timeout of the options, for C a number below 0.
wait_ms <- function(wait) if (is.null(wait)) -1 else milliseconds(wait, "wait")

format.sm_client <- function(x, ...) "<sm_client>"
print.sm_client <- function(x, ...) invisible(cat(format(x), "\n", sep = ""))
str.sm_client <- function(object, ...) print(object)
