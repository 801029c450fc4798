using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Reconciler;

namespace Gateway.Tests.Reconciler.Parts;

/// <summary>A command that is carried out beside the loop has one end, whatever comes in between.</summary>
public sealed class OperationsTests : IDisposable
{
    private readonly LoopParts _parts = new("gateway: {id: gw}\n");
    private bool? _seen;

    private Operations Operations => _parts.Loop.Operations;

    public void Dispose() => _parts.Dispose();

    [Fact]
    public void Nothing_begins_before_its_acceptance_was_published()
    {
        var begun = false;
        Begin("ON", _ => { begun = true; return Task.CompletedTask; });

        Assert.False(begun);
        Assert.Equal([CommandResult.Accepted], Ends());
        _parts.Settle();
        Assert.True(begun);
        Assert.Equal([CommandResult.Done], Ends());
    }

    [Theory]
    [InlineData(null, null, CommandResult.Done)]
    [InlineData("no", null, CommandResult.Failed)]
    [InlineData(null, true, CommandResult.Done)]
    [InlineData("no", true, CommandResult.Failed)] // what is seen may be somebody else's doing
    public void It_ends_as_the_port_says_unless_it_has_to_be_seen(string? refusal, bool? seen, CommandResult result)
    {
        _seen = seen;
        Begin("ON", _ => refusal is null ? Task.CompletedTask : throw new PortException(PortError.Other, refusal), seen is null ? null : () => _seen);
        _parts.Settle();

        Assert.Equal([CommandResult.Accepted, result], Ends());
        Assert.Empty(_parts.Faults.All); // a refusal is none of ours
    }

    [Fact]
    public void A_fault_of_ours_is_told_in_words_and_is_in_the_log_once_with_its_stack()
    {
        Begin("ON", async _ =>
        {
            await Task.CompletedTask;
            throw new InvalidOperationException("Sequence contains no elements");
        });
        _parts.Settle();

        var end = _parts.Answers().Single(a => a.Result != CommandResult.Accepted);
        Assert.Equal((CommandResult.Failed, Journal.FaultWords), (end.Result, end.Reason));
        Assert.Contains(nameof(A_fault_of_ours_is_told_in_words_and_is_in_the_log_once_with_its_stack), Assert.Single(_parts.Faults.All).StackTrace, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, CommandResult.Failed)]
    [InlineData(null, CommandResult.Done)] // nobody reports it, and the answer says so
    public void What_is_not_seen_has_five_seconds_to_show(bool? seen, CommandResult result)
    {
        _seen = seen;
        Begin("ON", _ => Task.CompletedTask, () => _seen);
        _parts.Settle();
        Operations.LookForEffects();
        Assert.Equal([CommandResult.Accepted], Ends());

        _parts.Time.Advance(TimeSpan.FromSeconds(5));
        Operations.LookForEffects();
        Assert.Equal([result], Ends());
        Assert.False(Operations.IsUnderWay("adapter/x/powered"));
    }

    [Fact]
    public void A_later_command_to_the_same_property_ends_the_earlier_one_as_superseded_and_it_says_nothing_more()
    {
        var first = new TaskCompletionSource();
        Begin("ON", _ => first.Task);
        _parts.Settle();
        Begin("OFF", _ => Task.CompletedTask);
        first.SetResult();
        _parts.Settle();

        Assert.Equal([CommandResult.Accepted, CommandResult.Superseded, CommandResult.Accepted, CommandResult.Done], Ends());
    }

    [Fact]
    public void The_effect_of_an_overtaken_command_is_waited_for_no_more()
    {
        _seen = false;
        Begin("ON", _ => Task.CompletedTask, () => _seen);
        _parts.Settle();
        Begin("OFF", _ => Task.CompletedTask);
        _parts.Settle();
        _parts.Time.Advance(TimeSpan.FromSeconds(10));
        Operations.LookForEffects();

        Assert.Equal([CommandResult.Accepted, CommandResult.Superseded, CommandResult.Accepted, CommandResult.Done], Ends());
    }

    private void Begin(string value, Func<CancellationToken, Task> work, Func<bool?>? seen = null) => Operations.Begin(LoopParts.Command("adapter", "x", "powered", value), work, seen: seen);

    private List<CommandResult> Ends() => [.. _parts.Answers().Select(a => a.Result)];
}
