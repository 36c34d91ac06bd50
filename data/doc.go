// Package data reads what people run models on: pictures, folders of them with
// their classes, and the IDX files of MNIST, as data sets.
//
// [ReadImage] and [OpenImage] decode a picture of any common format into 8-bit
// RGB, upright and on white; [Resize] and its neighbours bring it to a model's
// size with the arithmetic of the Python Imaging Library, which is what
// torchvision and Hugging Face prepare their inputs with. [Open] turns paths
// into a [Dataset], and [Stream] reads one from end to end, skipping what
// cannot be read.
package data
