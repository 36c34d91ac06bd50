// Package gradlog says what is logged of the gradients of a network's parameters
// while it is trained, and under which names: Tomo's own, and those of the
// loggers that people already have.
//
// Tomo's names for a parameter called layer1.0.conv1.weight are
//
//	gradients/layer1.0.conv1.weight/norm       its gradient's 2-norm
//	gradients/layer1.0.conv1.weight/mean       mean of the gradient's numbers
//	gradients/layer1.0.conv1.weight/std        and their standard deviation
//	gradients/layer1.0.conv1.weight/min
//	gradients/layer1.0.conv1.weight/max
//	gradients/layer1.0.conv1.weight/zeros      share of them that are exactly 0
//	gradients/layer1.0.conv1.weight/nonfinite  how many are NaN or infinite
//	gradients/layer1.0.conv1.weight/cosine     of the angle to the gradient of the step before
//	weights/layer1.0.conv1.weight/norm         the parameter's own 2-norm
//	updates/layer1.0.conv1.weight/ratio        2-norm of the step over that of the parameter
//	gradients/norm                             2-norm over all parameters together
//
// and a histogram named gradients/layer1.0.conv1.weight. Statistics are of the
// finite numbers. A run's setting "gradients/parameters" may list the parameters
// in the order of the network; they are shown in that order.
package gradlog
