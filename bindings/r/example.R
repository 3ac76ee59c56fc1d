# Fetches an access token and shows what came with it, the token itself masked.
#
# The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL where
# it is set: the library reads all three. SM_TOKEN_CA_FILE is this program's own.
library(smtoken)

# NULL, the variable not set, keeps the default.
ca_file <- Sys.getenv("SM_TOKEN_CA_FILE", unset = NA)
if (is.na(ca_file)) ca_file <- NULL

token <- tryCatch(sm_fetch(ca_file = ca_file), sm_token_error = function(why) {
  message("no token: ", conditionMessage(why))
  quit(status = 1)
})

cat(
  sprintf("  type     %s", token$type),
  sprintf("  scope    %s", token$scope),
  sprintf("  expires  in %.0f seconds", token$expires_in),
  sprintf("  token    %.4s... (%d characters)", token$access_token, nchar(token$access_token)),
  sep = "\n"
)
