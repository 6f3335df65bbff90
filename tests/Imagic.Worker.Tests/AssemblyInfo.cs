// Workers set the number of threads of the whole process, and their timing is judged.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
