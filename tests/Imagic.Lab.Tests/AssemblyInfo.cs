// OpenBLAS has one number of threads for the whole process and follows whichever thread called last: beside another test, sums
// would be split differently from run to run, and no two runs would have the same bytes.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
