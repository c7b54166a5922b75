namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>What a seed decides, in the words of the simulation.</summary>
internal static class RandomChoices
{
    extension(Random random)
    {
        public bool Chance(double probability) => probability > 0 && random.NextDouble() < probability;

        public T Pick<T>(params ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];

        public TimeSpan UpTo(TimeSpan longest) => TimeSpan.FromTicks(random.NextInt64(longest.Ticks + 1));

        public TimeSpan Between(TimeSpan shortest, TimeSpan longest) => shortest + random.UpTo(longest - shortest);
    }
}
