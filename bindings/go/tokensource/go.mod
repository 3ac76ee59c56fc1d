module github.com/standard-metrics/sm-token/bindings/go/tokensource

go 1.19

require (
	github.com/standard-metrics/sm-token/bindings/go v0.1.1
	golang.org/x/oauth2 v0.3.0
)

replace github.com/standard-metrics/sm-token/bindings/go => ../
