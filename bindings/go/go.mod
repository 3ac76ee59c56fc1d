module smtoken

go 1.19
