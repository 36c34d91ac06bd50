// Command track measures what it takes to log to Tomo by MLflow's API, and to
// read from it, beside MLflow's own server on SQLite: the same calls of MLflow's
// own client, and the same requests over HTTP without it, to both in turns.
//
//	go build -o tomo ./cmd/tomo
//	go run ./bench/track -python PYTHON -mlflow MLFLOW -tomo ./tomo
//
// PYTHON has mlflow-skinny and pandas, MLFLOW is the program of a whole mlflow,
// whose server runs as it does by default. Both servers write to the disk below
// -dir. Flags choose what is measured (-parts), whether by the client or without
// (-by), and how many clients ask at a time (-clients). With -hold it starts and
// fills the servers and leaves them running until it is interrupted; a second
// one with the same -dir then measures at once.
package main
