source("service.R")

base_url <- Sys.getenv("SMX_BASE_URL")
companies <- paste0(base_url, "/v1/companies/")
handle <- function(...) curl::new_handle(cainfo = Sys.getenv("SM_TOKEN_CA_FILE"), ...)

# A request has the token.
kept <- client(trusted())
api <- sm_curl(kept, base_url)
stopifnot(api(companies, handle())$status_code == 200)

# A refused token is replaced, and the body is sent again whole.
invisible(control("/revoke_all", "POST"))
stopifnot(requests(answer <- api(companies, handle(copypostfields = strrep("x", 100000)))) == 1)
says('"received_bytes": 100000}', rawToChar(answer$content))

# A body that can't be read twice is sent once.
invisible(control("/revoke_all", "POST"))
stopifnot(api(companies, handle(copypostfields = "once"), repeat_body = FALSE)$status_code == 401)

# Another host gets no token: nobody asks for one.
there <- listening()
short <- curl::new_handle(timeout_ms = 300)
stopifnot(requests(try(api(paste0("http://127.0.0.1:", there$port), short), silent = TRUE)) == 0)
connection <- socketAccept(there$server, blocking = TRUE)
sent <- readLines(connection)
stopifnot(grepl("^GET ", sent[1]), !any(grepl("authorization", sent, ignore.case = TRUE)))

# An API without https on another machine is refused.
stopifnot(failure(sm_curl(kept, "http://example.com"))$code == "INSECURE_URL")
for (url in c("no URL", "ftp://example.com", "")) stopifnot(failure(sm_curl(kept, url))$code == "INVALID_ARGUMENT")
