# Sourced by the tests: the real server, as the environment describes it, and servers that misbehave.
library(smtoken)

trusted <- function(...) list(ca_file = Sys.getenv("SM_TOKEN_CA_FILE"), ...)

wrong <- function(...) {
  trusted(client_id = Sys.getenv("SMX_CLIENT_ID"), client_secret = "a wrong secret", ...)
}

fetch <- function(options) do.call(sm_fetch, options)
client <- function(options) do.call(sm_client, options)

control <- function(path, method = "GET", body = NULL) {
  handle <- curl::new_handle(customrequest = method)
  if (!is.null(body)) curl::handle_setopt(handle, copypostfields = body)
  rawToChar(curl::curl_fetch_memory(paste0(Sys.getenv("SM_TOKEN_CONTROL_URL"), path), handle)$content)
}

# How many token requests the server answers while the action runs.
requests <- function(action) {
  counted <- function() as.numeric(sub('.*"token_requests": ([0-9]+).*', "\\1", control("/counts")))
  before <- counted()
  force(action)
  counted() - before
}

# A socket that accepts connections and never answers, and its port.
listening <- function() {
  repeat {
    port <- sample(20000:60000, 1)
    server <- tryCatch(serverSocket(port), error = function(e) NULL)
    if (!is.null(server)) return(list(server = server, port = port))
  }
}

loopback <- function(port, ...) {
  list(client_id = "id", client_secret = "secret", base_url = paste0("http://127.0.0.1:", port), ...)
}

failure <- function(expression) {
  tryCatch({
    force(expression)
    stop("it did not fail")
  }, sm_token_error = identity)
}

elapsed <- function(expression) {
  before <- proc.time()[["elapsed"]]
  force(expression)
  proc.time()[["elapsed"]] - before
}

says <- function(pattern, text) if (!grepl(pattern, text)) stop("not like ", pattern, ": ", text)
