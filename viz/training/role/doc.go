// Package role tells from its name what a metric measures: on which split of the
// data, whether less or more of it is better, whether it is the learning rate or
// the norm of the gradient.
//
// Names are those that Keras (loss, val_loss, epoch_loss in a run named
// validation), Lightning (train_loss_step, val_acc), the Hugging Face trainer
// (loss, eval_loss, eval/loss), YOLO (train/box_loss, metrics/mAP50) and users of
// W&B and MLflow (train/loss, loss/val, validLoss) give. A name is cut into words
// at / _ - . : blanks, brackets, and where a capital follows a small letter.
package role
