#!/usr/bin/env ruby
# Fetches an access token and shows what came with it, the token itself masked.
#
# The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL where
# it is set: the library reads all three. SM_TOKEN_CA_FILE is this program's own.
require "ffi"

module SM
  extend FFI::Library
  ffi_lib "libsm_token.so.0"

  OK = 0

  attach_function :sm_options_new, [], :pointer
  attach_function :sm_options_set_ca_file, [:pointer, :string], :int32
  attach_function :sm_options_free, [:pointer], :void

  # Blocking: Ruby's other threads run while this one waits for the server.
  attach_function :sm_token_fetch, [:string, :string, :pointer, :pointer, :pointer], :int32, blocking: true
  attach_function :sm_token_access_token, [:pointer], :string
  attach_function :sm_token_type, [:pointer], :string
  attach_function :sm_token_scope, [:pointer], :string
  attach_function :sm_token_expires_in, [:pointer], :int64
  attach_function :sm_token_free, [:pointer], :void

  attach_function :sm_status_message, [:int32], :string
  attach_function :sm_error_message, [:pointer], :string
  attach_function :sm_error_free, [:pointer], :void

  class Error < StandardError; end

  # Yields a token, which is freed when the block ends; raises with what happened and what to do.
  def self.fetch
    options = sm_options_new
    token, error = Array.new(2) { FFI::MemoryPointer.new(:pointer) }

    # nil, the variable not set, keeps the default.
    status = sm_options_set_ca_file(options, ENV["SM_TOKEN_CA_FILE"])
    raise Error, "SM_TOKEN_CA_FILE: #{sm_status_message(status)}" unless status == OK

    status = sm_token_fetch(nil, nil, options, token, error)
    raise Error, sm_error_message(error.read_pointer) unless status == OK

    yield token.read_pointer
  ensure
    sm_token_free(token.read_pointer)
    sm_error_free(error.read_pointer)
    sm_options_free(options)
  end
end

begin
  SM.fetch do |token|
    text = SM.sm_token_access_token(token)
    puts "  type     #{SM.sm_token_type(token)}"
    puts "  scope    #{SM.sm_token_scope(token)}"
    puts "  expires  in #{SM.sm_token_expires_in(token)} seconds"
    puts "  token    #{text[0, 4]}... (#{text.length} characters)"
  end
rescue SM::Error => error
  abort "no token: #{error.message}"
end
