package data

import "bytes"

// A codec reads one image format.
type codec struct {
	name   string // as in [Source.Format]
	match  func(head []byte) bool
	survey func(raw []byte) (survey, error)
	decode func(raw []byte) (*Image, error)
}

// codecs are the formats that can be read. A file is known by its first bytes;
// its name says nothing, since pictures with a wrong extension are common.
var codecs = []codec{
	{"jpeg", prefix("\xff\xd8\xff"), surveyJPEG, decodeJPEG},
	{"png", prefix("\x89PNG\r\n\x1a\n"), surveyPNG, decodePNG},
	{"gif", either(prefix("GIF87a"), prefix("GIF89a")), surveyGIF, decodeGIF},
	{"bmp", isBMP, surveyBMP, decodeBMP},
	{"webp", isWebP, surveyWebP, decodeWebP},
	{"tiff", isTIFF, surveyTIFF, decodeTIFF},
	{"pnm", isPNM, surveyPNM, decodePNM},
}

// headBytes is how much of a file its format is known by.
const headBytes = 132

func prefix(magic string) func([]byte) bool {
	return func(head []byte) bool { return bytes.HasPrefix(head, []byte(magic)) }
}

func either(a, b func([]byte) bool) func([]byte) bool {
	return func(head []byte) bool { return a(head) || b(head) }
}

// codecOf returns the codec of a file that begins with head, or nil.
func codecOf(head []byte) *codec {
	for i := range codecs {
		if codecs[i].match(head) {
			return &codecs[i]
		}
	}
	return nil
}

// foreign are formats that people have and that are not read, by what stands
// at an offset of their first bytes.
var foreign = []struct {
	at          int
	magic, name string
}{
	{4, "ftyphei", "HEIC"},
	{4, "ftyphevc", "HEIC"},
	{4, "ftypmif1", "HEIF"},
	{4, "ftypavif", "AVIF"},
	{4, "jP  \r\n", "JPEG 2000"},
	{0, "\xff\x0a", "JPEG XL"},
	{4, "JXL \r\n", "JPEG XL"},
	{0, "II+\x00", "BigTIFF"},
	{0, "MM\x00+", "BigTIFF"},
	{0, "8BPS", "Photoshop"},
	{0, "%PDF", "PDF"},
	{0, "<svg", "SVG"},
	{0, "\x00\x00\x01\x00", "icon"},
	{128, "DICM", "DICOM"},
}

func unknownFormat(head []byte) error {
	if len(head) == 0 {
		return problem("get a copy that is not empty", "the file is empty")
	}
	for _, f := range foreign {
		if f.at < len(head) && bytes.HasPrefix(head[f.at:], []byte(f.magic)) {
			return problem("convert it to PNG or JPEG", "it is a %s file, which is not supported", f.name)
		}
	}
	return problem("convert it to PNG or JPEG", "it is not a picture in JPEG, PNG, GIF, BMP, WebP, TIFF or PNM format (it begins with % x)",
		head[:min(len(head), 8)])
}
