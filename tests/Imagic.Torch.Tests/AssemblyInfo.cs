// Tests count the tensors alive in the whole process and set process-wide modes.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
