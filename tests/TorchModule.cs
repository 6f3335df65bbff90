using System.Runtime.CompilerServices;
using Imagic.Diffusion;

namespace Imagic.Tests;

/// <summary>Loads libtorch as the programs do, before a test's first use of it.</summary>
internal static class TorchModule
{
    [ModuleInitializer]
    internal static void Load() => TorchLibrary.Load();
}
