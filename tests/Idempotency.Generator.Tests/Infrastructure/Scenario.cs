using System.Runtime.Loader;

namespace Idempotency.Generator.Tests.Infrastructure;

/// <summary>Compiles source, generated code included, and runs its <c>Scenario.RunAsync(IdempotencyGuard)</c>.</summary>
internal static class Scenario
{
    public static async Task<string> RunAsync(string source)
    {
        var run = GeneratorRun.On(source);
        Assert.Empty(run.Complaints);

        using var image = new MemoryStream();
        Assert.True(run.Output.Emit(image).Success);
        image.Position = 0;

        var context = new AssemblyLoadContext("Scenario", isCollectible: true);
        try
        {
            var entry = context.LoadFromStream(image).GetType("Scenario", throwOnError: true)!.GetMethod("RunAsync")!;
            using var guard = IdempotencyGuard.Create(new MemoryStore());
            return await entry.CreateDelegate<Func<IdempotencyGuard, Task<string>>>()(guard);
        }
        finally
        {
            context.Unload();
        }
    }
}
