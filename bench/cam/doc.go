// Command cam measures class activation maps beside TorchCAM and
// pytorch-grad-cam: ResNet-18 at 224×224 with the same random weights in all of
// them, the map of one class at the last stage, on as many threads each.
//
//	go build -o tomo ./cmd/tomo
//	go run ./bench/cam -python PYTHON -tomo ./tomo
//
// PYTHON needs torch, torchvision, torchcam and grad-cam. For each method it
// prints the median time of a map, a forward pass included and the opening of
// the model not, and that of a whole process from the files to a PNG picture.
// Flags choose libraries (-libs), methods (-methods) and what is measured
// (-parts).
package main
