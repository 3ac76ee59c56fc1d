source("service.R")

# contract: cached
stopifnot(requests({
  kept <- client(trusted())
  stopifnot(sm_client_authorization(kept) == sm_client_token(kept)$authorization)
}) == 1)

# contract: authorization-whole
for (length in c(16, 1024, 16 * 1024)) {
  expected <- strrep("t", length)
  there <- listening()
  server <- parallel::mcparallel({
    connection <- socketAccept(there$server, blocking = TRUE, open = "r+b")
    while (nzchar(sub("\r$", "", readLines(connection, 1)))) NULL
    body <- sprintf('{"access_token": "%s", "expires_in": 3600, "token_type": "Bearer"}', expected)
    head <- "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
    writeLines(sprintf(head, nchar(body), body), connection, sep = "")
    close(connection)
  })
  stopifnot(sm_client_authorization(client(loopback(there$port))) == paste("Bearer", expected))
  parallel::mccollect(server)
  close(there$server)
}

# contract: invalidate invalidate-old invalidate-all
kept <- client(trusted())
first <- sm_client_token(kept)
sm_client_invalidate(kept, first)
second <- sm_client_authorization(kept)
stopifnot(second != first$authorization)
sm_client_invalidate(kept, first)
sm_client_invalidate(kept, first$authorization)
stopifnot(sm_client_authorization(kept) == second)

other <- client(trusted())
before <- sm_client_authorization(other)
sm_client_invalidate(other)
stopifnot(sm_client_authorization(other) != before)

# contract: remembered
stopifnot(requests({
  kept <- client(wrong())
  invisible(failure(sm_client_token(kept)))
  error <- failure(sm_client_token(kept))
  stopifnot(error$code == "INVALID_CLIENT", error$retry_after > 0, error$retry_after <= 60)
}) == 1)

# contract: shutdown
for (end in list(sm_client_shutdown, sm_client_close)) {
  kept <- client(trusted())
  token <- sm_client_token(kept)
  end(kept)
  stopifnot(
    failure(sm_client_token(kept))$code == "CANCELED",
    failure(sm_client_authorization(kept))$code == "CANCELED",
    token$type == "Bearer"
  )
  end(kept)
}
says("make it with sm_client", failure(sm_client_token(NULL))$message)

# contract: log log-no-secret log-raises
events <- character()
log <- function(level, message) {
  events <<- c(events, paste0(level, ": ", message))
  stop("the handler's own")
}
kept <- client(trusted(log = log, log_level = "info"))
token <- sm_client_token(kept)$access_token
sm_client_invalidate(kept)
invisible(sm_client_authorization(kept))
stopifnot(
  any(grepl("^info: ", events)),
  !any(grepl("^debug: ", events)),
  !any(grepl(token, events, fixed = TRUE)),
  sm_client_authorization(kept) == sm_client_authorization(kept)
)

# Credentials come from files, and can be replaced.
files <- vapply(c("SMX_CLIENT_ID", "SMX_CLIENT_SECRET"), function(variable) {
  file <- tempfile()
  writeLines(Sys.getenv(variable), file, useBytes = TRUE)
  file
}, "")
stopifnot(
  fetch(trusted(client_id_file = files[[1]], client_secret_file = files[[2]]))$type == "Bearer",
  failure(fetch(trusted(client_id_file = files[[1]])))$code == "INVALID_ARGUMENT"
)
kept <- client(wrong())
stopifnot(failure(sm_client_token(kept))$code == "INVALID_CLIENT")
sm_client_set_credentials(kept, Sys.getenv("SMX_CLIENT_ID"), Sys.getenv("SMX_CLIENT_SECRET"))
stopifnot(
  sm_client_token(kept)$type == "Bearer",
  failure(sm_client_set_credentials(kept, "one", NULL))$code == "INVALID_ARGUMENT"
)

# A log handler may close its client.
heard <- 0
log <- function(level, message) {
  heard <<- heard + 1
  sm_client_close(kept)
  gc()
}
kept <- client(wrong(log = log, log_level = "debug"))
invisible(failure(sm_client_authorization(kept)))
stopifnot(heard > 0, failure(sm_client_authorization(kept))$code == "CANCELED")

# What nobody refers to any more is freed, and nothing else.
for (at in 1:50) client(trusted())
invisible(gc())
stopifnot(sm_client_token(other)$type == "Bearer")
