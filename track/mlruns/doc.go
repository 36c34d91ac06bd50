// Package mlruns reads the folders that MLflow's client writes where no server is
// named (mlflow/store/tracking/file_store.py):
//
//	mlruns/EXPERIMENT/RUN/meta.yaml      what the run is called and became
//	mlruns/EXPERIMENT/RUN/metrics/NAME   lines of time, value and step
//	mlruns/EXPERIMENT/RUN/params/NAME    a value
//	mlruns/EXPERIMENT/RUN/tags/NAME      a text
//
// Names with slashes are folders within these. RUN has 32 hexadecimal digits.
package mlruns
