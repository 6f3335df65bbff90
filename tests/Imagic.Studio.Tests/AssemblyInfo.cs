// One worker computes the edits of all tests, one at a time; some occupy it, and one kills it.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
