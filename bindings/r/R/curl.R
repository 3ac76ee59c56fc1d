# A function that is curl::curl_fetch_memory() with the current token, for one API alone.
sm_curl <- function(client, api) {
  if (!requireNamespace("curl", quietly = TRUE)) refuse("sm_curl() takes the package curl")
  handle_of(client)
  origin <- origin_of(text(api, "api"))
  if (is.null(origin)) refuse("the API's URL has no scheme or no host")
  if (!grepl("^https://|^http://(localhost|127([.][0-9]+){3}|\\[::1\\]):", origin)) {
    fail(list(
      status = sm_status[["INSECURE_URL"]],
      message = paste0(origin, ": http would show the token to the network; give an https: URL"),
      http_status = 0L, oauth_code = "", oauth_description = "", retryable = FALSE, retry_after_ms = -1
    ))
  }

  # repeat_body: FALSE for a body that can't be read twice.
  function(url, handle = curl::new_handle(), repeat_body = TRUE) {
    if (!identical(origin_of(url), origin)) return(curl::curl_fetch_memory(url, handle))
    authorization <- sm_client_authorization(client)
    answer <- send(url, handle, authorization)
    if (answer$status_code != 401L) return(answer)

    sm_client_invalidate(client, authorization)
    if (!repeat_body) return(answer)
    another <- sm_client_authorization(client)
    # An API that refuses every token: the client spreads its requests for new ones out.
    if (another == authorization) return(answer)
    send(url, handle, another)
  }
}

BEARER <- 64L
BASIC <- 1L

# curl leaves the token out where a redirect leads to another host.
send <- function(url, handle, authorization) {
  on.exit(curl::handle_setopt(handle, xoauth2_bearer = "", httpauth = BASIC))
  curl::handle_setopt(handle, xoauth2_bearer = sub("^Bearer ", "", authorization), httpauth = BEARER)
  curl::curl_fetch_memory(url, handle)
}

# Scheme, host and port of a URL, or NULL.
origin_of <- function(url) {
  pattern <- "^(https?)://([^/?#@]*@)?(\\[[^]]+\\]|[^:/?#@]+)(:([0-9]+))?([/?#].*)?$"
  if (!is.character(url) || !grepl(pattern, url, ignore.case = TRUE)) return(NULL)
  part <- function(at) tolower(sub(pattern, paste0("\\", at), url, ignore.case = TRUE))
  port <- part(5)
  if (port == "") port <- if (part(1) == "https") "443" else "80"
  paste0(part(1), "://", part(3), ":", port)
}
