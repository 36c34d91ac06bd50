// Package series keeps one metric of a training run: any number of points, as
// compressed columns, under a pyramid of summaries. What a chart shows of it is
// exact at every zoom, and costs what the chart has of pixels and not what the
// metric has of points: no point is ever left out of the least, the greatest,
// the mean and the count of where it lies.
//
// Points lie in chunks of ChunkPoints. The lowest level of the pyramid
// summarizes LeafPoints of them each, every further level Fan summaries of the
// one below; only complete groups are summarized. So all that a series holds
// follows from how many points it has, and what lies behind the last complete
// summary of a level is found one level below.
package series
