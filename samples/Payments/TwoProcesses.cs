namespace Payments;

/// <summary>Delivers the same file from two processes at once, as two servers of one shop would get it.</summary>
public static class TwoProcesses
{
    /// <summary>Starts both, lets them begin together, and adds up what came of it.</summary>
    /// <param name="arguments">What to deliver, and the store that both use.</param>
    /// <param name="ledgers">Where both append what they have charged.</param>
    /// <param name="output">Told what each of them has done.</param>
    /// <exception cref="IOException">The store cannot be used, or a process has ended too early; the message says why.</exception>
    public static async Task<(DeliveryRun Guarded, DeliveryRun Unguarded)> DeliverAsync(Arguments arguments, LedgerFolder ledgers, TextWriter output)
    {
        var run = $"payments_{Guid.NewGuid():N}"[..17];
        var store = SharedStore.Find(arguments, run)
            ?? throw new IOException($"This build of the sample has no store '{arguments.Store}', only memory and file.");
        try
        {
            await store.PrepareAsync();
        }
        catch (Exception failure) // every client has exceptions of its own, and whatever is wrong, there is nothing to go on with
        {
            throw new IOException($"The store '{arguments.Store}' cannot be used: {failure.Message}{Environment.NewLine}{store.Advice}", failure);
        }

        try
        {
            return await DeliverAsync(arguments, run, ledgers, output);
        }
        finally
        {
            await RemoveAsync(store, run, output);
        }
    }

    private static async Task<(DeliveryRun Guarded, DeliveryRun Unguarded)> DeliverAsync(
        Arguments arguments, string run, LedgerFolder ledgers, TextWriter output)
    {
        using var first = DeliveryProcess.Start(1, run, ledgers, arguments);
        using var second = DeliveryProcess.Start(2, run, ledgers, arguments);

        await Task.WhenAll(first.UntilReadyAsync(), second.UntilReadyAsync());
        await Task.WhenAll(first.BeginAsync(), second.BeginAsync());

        var guarded = await Task.WhenAll(first.NextRunAsync(), second.NextRunAsync());
        var unguarded = await Task.WhenAll(first.NextRunAsync(), second.NextRunAsync());

        var charges = Ledger.Read(ledgers.Guarded);
        foreach (var process in (int[])[1, 2])
        {
            var made = charges.Count(receipt => Ledger.ProcessOf(receipt) == process);
            await output.WriteLineAsync($"Process {process}: {guarded[process - 1].Calls} guarded calls, {made} charges.");
        }

        await output.WriteLineAsync();
        return (guarded[0] + guarded[1], unguarded[0] + unguarded[1]);
    }

    private static async Task RemoveAsync(SharedStore store, string run, TextWriter output)
    {
        try
        {
            await store.RemoveAsync();
        }
        catch (Exception failure) // of the client's kind; the charges are made, and are what counts
        {
            await output.WriteLineAsync($"'{run}' is still in the store: {failure.Message}");
        }
    }
}
