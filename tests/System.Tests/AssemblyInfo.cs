// Each test here starts whole meshes; side by side they would only measure one another.
[assembly: Xunit.v3.Parallelization(MaxThreads = 1)]
