package kernel

// blockedLoad describes a batch to compute in the blocked layout.
type blockedLoad struct {
	images, lines   int // lines per image: what it can be cut into
	image           int // numbers of one
	panels, weights int // panels of channels, and numbers of all their weights
	products        int // multiplications in all
}

// blockedWork tells how it is cut: into panels, and units of an image each, or of
// some lines of one where images are large or few.
type blockedWork struct {
	blockedLoad
	parts                 int // of an image
	panelTasks, unitTasks int // a task is some panels of some units
}

// maxUnit is how many numbers of an image are computed at a time, so that they
// stay in a second cache of half a megabyte or more while they meet one panel of
// weights after the other.
const maxUnit = 64 << 10

// blockGrain is how many multiplications are worth a task.
const blockGrain = 1 << 19

// newBlockedWork cuts a batch that is not empty. What is larger, weights or images,
// is cut first, because each task reads its share of it only.
func newBlockedWork(threads int, l blockedLoad) blockedWork {
	w := blockedWork{blockedLoad: l, panelTasks: 1}
	tasks := 1
	if threads > 1 {
		tasks = min(4*threads, l.products/blockGrain+1)
	}
	if l.panels > 1 {
		w.parts = (l.image - 1) / maxUnit
	}
	w.parts = min(w.parts+1, l.lines)
	if l.weights > l.images*l.image {
		w.panelTasks = min(l.panels, tasks)
		tasks = (tasks-1)/w.panelTasks + 1
		w.cutUnits(tasks)
		w.unitTasks = min(tasks, w.units())
		return w
	}
	w.cutUnits(tasks)
	w.unitTasks = w.units()
	if w.parts == 1 {
		w.unitTasks = min(tasks, w.units())
	}
	w.panelTasks = min(l.panels, (tasks-1)/w.unitTasks+1)
	return w
}

// cutUnits cuts images into more parts if there are fewer units than tasks.
func (w *blockedWork) cutUnits(tasks int) {
	if w.units() < tasks {
		w.parts = min(w.lines, (tasks-1)/w.images+1)
	}
}

func (w *blockedWork) units() int { return w.images * w.parts }

// blockedUnit is lines [lo, hi) of an image.
type blockedUnit struct{ image, lo, hi int }

func (w *blockedWork) unit(i int) blockedUnit {
	part := i % w.parts
	return blockedUnit{i / w.parts, split(w.lines, w.parts, part), split(w.lines, w.parts, part+1)}
}

// blockedTask is panels [panel, panelEnd) of units [unit, unitEnd).
type blockedTask struct{ panel, panelEnd, unit, unitEnd int }

// run calls body for each task, in parallel.
func (w *blockedWork) run(t *Team, body func(blockedTask)) {
	t.Run(w.panelTasks*w.unitTasks, func(i int) {
		p, u := i%w.panelTasks, i/w.panelTasks
		body(blockedTask{
			split(w.panels, w.panelTasks, p), split(w.panels, w.panelTasks, p+1),
			split(w.units(), w.unitTasks, u), split(w.units(), w.unitTasks, u+1),
		})
	})
}
