# frozen_string_literal: true

require_relative "lib/sm_token/version"

Gem::Specification.new do |spec|
  spec.name = "sm_token"
  spec.version = SmToken::VERSION
  spec.summary = "Access tokens for the Standard Metrics API, fetched and kept by libsm_token"
  spec.authors = ["The sm-token authors"]
  spec.homepage = "https://api.standardmetrics.io"
  spec.licenses = ["MIT", "Apache-2.0"]
  spec.files = Dir["lib/**/*.rb", "README.md", "example.rb"]
  spec.required_ruby_version = ">= 3.0"
  spec.add_dependency "ffi", "~> 1.15"
end
