module github.com/standard-metrics/sm-token/bindings/go

go 1.19
