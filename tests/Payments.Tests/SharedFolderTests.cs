namespace Payments.Tests;

[Collection(SampleRun.OneAtATime)]
public sealed class SharedFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("payments-tests-").FullName;

    [Fact]
    public async Task Two_processes_with_a_folder_charge_once()
    {
        var run = await SampleRun.OfAsync("--store", "file", "--at", _folder);

        run.AssertChargedOnce(deliveries: 1215);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder)); // it has tidied up
    }

    [Fact]
    public async Task A_second_run_charges_again()
    {
        using var file = new TemporaryFile("""
            {"id":"evt_1","type":"charge.requested","data":{"charge_id":"ch_1","customer":"cus_1","amount":100,"currency":"eur"}}
            """);

        for (var run = 1; run <= 2; run++)
        {
            var told = await SampleRun.OfAsync(file.Path, "--store", "file", "--at", _folder);
            Assert.Equal((0, 1), (told.ExitCode, told.Number("  charges made", column: 0)));
        }
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_an_error()
    {
        using var file = new TemporaryFile(); // where a folder should be

        var run = await SampleRun.OfAsync("--store", "file", "--at", file.Path);

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("Error: The store 'file' cannot be used: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("--at FOLDER", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_memory_store_is_not_shared()
    {
        var run = await SampleRun.OfAsync("--store", "memory");

        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("A memory store belongs to one process and cannot be shared", run.Output, StringComparison.Ordinal);
        Assert.Equal(1215, run.Number("deliveries", column: 0));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
