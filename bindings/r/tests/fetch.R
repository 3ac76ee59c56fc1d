source("service.R")

# contract: token expiry environment
token <- fetch(trusted())
says("^[A-Za-z0-9]{30}$", token$access_token)
stopifnot(
  token$authorization == paste("Bearer", token$access_token),
  token$type == "Bearer",
  token$scope == "all read write",
  token$expires_in > 3500, token$expires_in <= 3600,
  inherits(token$expires_at, "POSIXct"),
  abs(as.numeric(token$expires_at) - as.numeric(Sys.time()) - token$expires_in) <= 2
)
shown <- capture.output(print(token), str(token), cat(format(token)))
stopifnot(!any(grepl("[A-Za-z0-9]{30}", shown)))

# A token of another session is none.
saved <- unserialize(serialize(token, NULL))
says("another session", failure(saved$type)$message)
stopifnot(!any(grepl(token$access_token, rawToChar(serialize(token, NULL, ascii = TRUE)), fixed = TRUE)))

# contract: odd-text
odd <- c(Sys.getenv("SM_TOKEN_ODD_CLIENT_ID"), Sys.getenv("SM_TOKEN_ODD_CLIENT_SECRET"))
Encoding(odd) <- "UTF-8"
invisible(fetch(trusted(client_id = odd[1], client_secret = odd[2])))
latin1 <- iconv(odd, "UTF-8", "latin1")
for (at in 1:2) if (!is.na(latin1[at])) odd[at] <- latin1[at]
invisible(fetch(trusted(client_id = odd[1], client_secret = odd[2])))

# contract: half-credentials
for (half in list(list(client_id = "one"), list(client_secret = "one", client_id = NULL))) {
  stopifnot(failure(fetch(c(trusted(), half)))$code == "INVALID_ARGUMENT")
}

# contract: not-text
broken <- "broken \xe9"
Encoding(broken) <- "UTF-8"
bytes <- "broken \xe9"
Encoding(bytes) <- "bytes"
for (id in list(broken, bytes, NA_character_, c("a", "b"), 7)) {
  error <- failure(fetch(trusted(client_id = id, client_secret = "one")))
  stopifnot(error$code == "INVALID_ARGUMENT")
  says("^client_id ", error$message)
}

# contract: option-sent
stopifnot(fetch(trusted(scope = "read"))$scope == "read")

# contract: option-reason
error <- failure(sm_fetch(base_url = "https://example.com/?query"))
stopifnot(error$status == sm_status[["INVALID_ARGUMENT"]])
says("base URL", conditionMessage(error))
says("timeout", failure(sm_fetch(timeout = 0))$message)
says("100", failure(sm_fetch(max_retries = 101))$message)
says("trust is none of", failure(sm_fetch(trust = "all"))$message)

# contract: number-range
for (timeout in list(-1, 2^32, Inf, NaN, NA, "7", 1:2)) {
  says("^timeout is not", failure(sm_fetch(timeout = timeout))$message)
}
for (retries in list(-1, 2^32, 0.5)) says("^max_retries is not", failure(sm_fetch(max_retries = retries))$message)

# contract: refused refused-fields no-secret
error <- failure(fetch(wrong()))
stopifnot(
  inherits(error, "error"),
  error$status == sm_status[["INVALID_CLIENT"]],
  error$code == "INVALID_CLIENT",
  error$http_status == 401,
  error$oauth_code == "invalid_client",
  !error$retryable,
  # The client that a fetch uses may answer from its memory, which says how long it remembers.
  is.null(error$retry_after) || error$retry_after <= 60
)
says("check client_id and client_secret", conditionMessage(error))
stopifnot(!any(grepl("a wrong secret", capture.output(print(error), str(unclass(error))))))

# contract: insecure-url
stopifnot(failure(sm_fetch(base_url = "http://example.com"))$code == "INSECURE_URL")

# contract: trust-roots
error <- failure(sm_fetch(ca_file = "/no/such/ca.pem"))
stopifnot(error$code == "NO_TRUST_ROOTS")
says("/no/such/ca[.]pem", error$message)
stopifnot(Encoding(failure(sm_fetch(ca_file = "/no/s\u00fcch/ca.pem"))$message) == "UTF-8")

# contract: version
stopifnot(sm_library_version() == as.character(packageVersion("smtoken")))
