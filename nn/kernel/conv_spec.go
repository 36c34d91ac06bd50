package kernel

import "fmt"

// ConvSpec describes a convolution (the cross-correlation that deep learning
// calls so) of images [n, Channels, In...] with weights
// [Filters, Channels/Groups, Kernel...] into [n, Filters, Out()...]. Filters and
// channels are cut into Groups, and each group of filters sees its own channels.
type ConvSpec struct {
	Window
	Channels, Filters, Groups int
	// Minimal asks for Winograd's minimal filtering where the window allows it; see
	// [ConvSpec.ForBatch].
	Minimal bool
}

// Validate reports what makes no sense or is too large for memory.
func (s *ConvSpec) Validate() error {
	if err := s.Window.Validate(); err != nil {
		return err
	}
	if s.Channels < 1 || s.Filters < 1 || s.Groups < 1 {
		return fmt.Errorf("convolution: %d channels, %d filters, %d groups; each must be positive", s.Channels, s.Filters, s.Groups)
	}
	if s.Channels%s.Groups != 0 || s.Filters%s.Groups != 0 {
		return fmt.Errorf("convolution: %d groups must divide %d channels and %d filters", s.Groups, s.Channels, s.Filters)
	}
	out := s.Out()
	sizes := [][]int{
		{s.Channels, s.In[0], s.In[1], s.In[2]},
		{s.Filters, out[0], out[1], out[2]},
		{s.Filters, s.Channels, s.Kernel[0], s.Kernel[1], s.Kernel[2]},
	}
	for _, n := range sizes {
		if size, ok := product(n...); !ok || size > maxInt/256 {
			return fmt.Errorf("convolution: an array of %d is larger than the address space", n)
		}
	}
	return s.checkScratch()
}

// checkScratch reports padding and dilation that would make the padded copies of
// small arrays enormous, which takes memory that no file has to hold.
func (s *ConvSpec) checkScratch() error {
	out, forward, backward := s.Out(), []int{s.Channels}, []int{s.Filters}
	for i := range out {
		reach := s.extent(i)/s.Stride[i] + 1
		forward = append(forward, min(s.Kernel[i], s.Stride[i]), out[i]+reach)
		backward = append(backward, out[i]+2*reach+s.In[i]/s.Stride[i])
	}
	allowed := 64*(s.InSize()+s.OutSize()) + 1<<26
	for _, n := range [][]int{forward, backward} {
		if size, ok := product(n...); !ok || size > allowed {
			return fmt.Errorf("convolution: images of %d with kernel %d, dilation %d, padding %d and %d need a padded copy of %d numbers",
				s.In, s.Kernel, s.Dilation, s.PadLo, s.PadHi, n)
		}
	}
	return nil
}

// InSize returns how many numbers one image has.
func (s *ConvSpec) InSize() int { return s.Channels * volume(s.In) }

// OutSize returns how many numbers one result has.
func (s *ConvSpec) OutSize() int { return s.Filters * volume(s.Out()) }

// WeightSize returns how many weights there are.
func (s *ConvSpec) WeightSize() int { return s.Filters * s.groupChannels() * volume(s.Kernel) }

func (s *ConvSpec) groupChannels() int { return s.Channels / s.Groups }
func (s *ConvSpec) groupFilters() int  { return s.Filters / s.Groups }

// checkBatch panics unless the slices hold n images and results.
func (s *ConvSpec) checkBatch(n int, images, results []float32) {
	in, ok1 := product(n, s.InSize())
	out, ok2 := product(n, s.OutSize())
	if n < 0 || !ok1 || !ok2 || len(images) < in || len(results) < out {
		panic(fmt.Sprintf("kernel: convolution of %d images of %d numbers into %d each, but slices of %d and %d",
			n, s.InSize(), s.OutSize(), len(images), len(results)))
	}
}

func (s *ConvSpec) checkWeights(w []float32) {
	if len(w) < s.WeightSize() {
		panic(fmt.Sprintf("kernel: %d weights where the convolution has %d", len(w), s.WeightSize()))
	}
}
