using Gateway.Engine;
using Gateway.House;

namespace Gateway.Tests.Reconciler;

public sealed class DiskTroubleTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tutti-test-");

    public void Dispose()
    {
        if (File.Exists(_data.FullName)) File.Delete(_data.FullName);
        else _data.Delete(recursive: true);
    }

    [Fact]
    public async Task A_disk_that_cannot_be_written_keeps_nobody_from_switching_off()
    {
        await using (var home = await SimulatedHome.StartAsync(data: _data))
        {
            Assert.Equal(CommandResult.Done, (await home.AskAsync("group/party/active", "ON")).Result);
            _data.Delete(recursive: true);
            await File.WriteAllTextAsync(_data.FullName, "no folder any more");

            var off = home.Send("group/party/active", "OFF");
            var end = await home.EndOfAsync(off);
            var refused = await home.AskAsync("speaker/flip_a/trim_ms", "5");
            var disconnected = await home.AskAsync("speaker/flip_a/connected", "OFF");

            Assert.Equal(CommandResult.Done, end.Result);
            Assert.All(home.AnswersTo(off), a => Assert.Contains("It could not be stored, because ", a.Reason, StringComparison.Ordinal));
            Assert.Equal(GroupPhase.Off, home.Group("party").Phase);
            Assert.Equal((CommandResult.Failed, 0.0), (refused.Result, home.Speaker("flip_a").TrimMs));
            Assert.StartsWith("It could not be stored, and so was not done: ", refused.Reason, StringComparison.Ordinal);
            Assert.Equal(CommandResult.Done, disconnected.Result);
            Assert.StartsWith("What is set cannot be stored: ", home.Hub.Current!.Gateway.Problem, StringComparison.Ordinal);
            Assert.Contains(home.Events, e => e.EventType == HouseEventType.Problem && e.Text.Contains("cannot be written", StringComparison.Ordinal));

            File.Delete(_data.FullName);
            _data.Create();
            var trim = await home.AskAsync("speaker/flip_a/trim_ms", "5");

            Assert.Equal((CommandResult.Done, 5.0), (trim.Result, home.Speaker("flip_a").TrimMs));
            await home.UntilAsync("no problem", h => h.Gateway.Problem is null);
        }

        await using var again = await SimulatedHome.StartAsync(data: _data);
        Assert.Equal((5.0, GroupPhase.Off), (again.Speaker("flip_a").TrimMs, again.Group("party").Phase));
    }

    [Fact]
    public async Task What_cannot_be_read_is_told_and_kept()
    {
        using (var store = Gateway.Storage.Store.Open(_data.FullName, TimeProvider.System))
        {
            store.Put("desired", "group/party", "{\"Active\": maybe}");
            store.Put("desired", "speaker/flip_a", "{\"TrimMs\": 7}");
        }

        await using (var home = await SimulatedHome.StartAsync(data: _data))
        {
            Assert.Equal(7, home.Speaker("flip_a").TrimMs);
            Assert.Contains(home.Events, e => e.Text.Contains("desired/group/party cannot be read", StringComparison.Ordinal));
        }

        using var kept = Gateway.Storage.Store.Open(_data.FullName, TimeProvider.System);
        Assert.Equal("{\"Active\": maybe}", kept.Get("desired", "group/party"));
    }
}
