#!/usr/bin/env ruby
# frozen_string_literal: true

# Fetches an access token and shows what came with it, the token itself masked.
#
# The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL where
# it is set: the library reads all three. SM_TOKEN_CA_FILE is this program's own.
require_relative "lib/sm_token"

begin
  token = SmToken.fetch(ca_file: ENV["SM_TOKEN_CA_FILE"])
rescue SmToken::Error => error
  abort "no token: #{error.message}"
end

text = token.access_token
puts "  type     #{token.type}"
puts "  scope    #{token.scope}"
puts "  expires  in #{token.expires_in} seconds"
puts "  token    #{text[0, 4]}... (#{text.length} characters)"
