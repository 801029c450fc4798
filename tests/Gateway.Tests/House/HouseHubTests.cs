using Gateway.House;

namespace Gateway.Tests.House;

public sealed class HouseHubTests
{
    private readonly HouseHub _hub = new();

    [Fact]
    public async Task Who_asks_gets_the_answers_to_that_very_command_in_order_until_its_end()
    {
        var (mine, alike) = (Volume(), Volume());
        var answers = _hub.AskAsync(mine);
        Assert.Equal(mine, alike);

        Assert.True(_hub.Commands.TryRead(out var submitted));
        Assert.Same(mine, submitted);
        Answer(alike, CommandResult.Refused);
        Answer(mine, CommandResult.Accepted);
        Answer(mine, CommandResult.Superseded);
        Answer(mine, CommandResult.Done);

        Assert.Equal([CommandResult.Accepted, CommandResult.Superseded], (await answers.ToListAsync()).Select(a => a.Result));
    }

    [Fact]
    public async Task A_command_that_finds_the_queue_full_waits_for_room()
    {
        while (_hub.TrySubmit(Volume()))
        {
            // Until it is full.
        }

        var mine = Volume();
        var end = _hub.AskAsync(mine).LastAsync();
        var taken = new List<Command>();
        await foreach (var command in _hub.Commands.ReadAllAsync())
        {
            taken.Add(command);
            if (ReferenceEquals(command, mine)) break;
        }

        Answer(mine, CommandResult.Done);
        Assert.Equal(CommandResult.Done, (await end).Result);
        Assert.Equal(4097, taken.Count);
    }

    [Fact]
    public async Task Who_asks_no_longer_leaves_the_command_to_run()
    {
        using var cancel = new CancellationTokenSource();
        var mine = Volume();
        var end = _hub.AskAsync(mine, cancel.Token).LastAsync();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await end);
        Assert.True(_hub.Commands.TryRead(out _));
        Answer(mine, CommandResult.Done);
    }

    private static Command Volume() => new() { Kind = "speaker", Id = "bath", Property = "volume", Value = "30" };

    private void Answer(Command command, CommandResult result) => _hub.Publish(new Answer(command, DateTimeOffset.UnixEpoch, result));
}
