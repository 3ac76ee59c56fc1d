# frozen_string_literal: true

module SmToken
  VERSION = "0.1.1"
end
