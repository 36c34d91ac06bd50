// Command saliency measures attributions beside Captum: ResNet-18 at 224×224
// with the same random weights in both, on as many threads each, occlusion by
// windows of 15×15 every 8 pixels and integrated gradients of 50 steps.
//
//	go build -o tomo ./cmd/tomo
//	go run ./bench/saliency -python PYTHON -tomo ./tomo
//
// PYTHON needs torch, torchvision, captum, onnx and matplotlib. For each method
// it prints the time of one map, after the network has run once, and that of a
// whole process from the files to a PNG picture. Flags choose methods (-methods)
// and what is measured (-parts); -dir keeps the network for another run.
package main
