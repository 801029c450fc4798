using Gateway.Bluetooth.BlueZ;

namespace Gateway.Tests.Bluetooth;

public sealed class TurnQueueTests
{
    private readonly TurnQueue _queue = new();

    [Fact]
    public async Task Who_failed_of_late_waits_behind_who_did_not_and_equals_go_in_order()
    {
        await _queue.WaitAsync(0, CancellationToken.None);
        var late = _queue.WaitAsync(failedAt: 7, CancellationToken.None);
        var early = _queue.WaitAsync(failedAt: 3, CancellationToken.None);
        var first = _queue.WaitAsync(0, CancellationToken.None);
        var second = _queue.WaitAsync(0, CancellationToken.None);

        foreach (var next in new[] { first, second, early, late })
        {
            Assert.False(next.IsCompleted);
            _queue.Release();
            await next.WaitAsync(Patience.Hang);
        }
    }

    [Fact]
    public async Task Who_gave_up_is_passed_over_and_the_place_is_free_after_the_last()
    {
        await _queue.WaitAsync(0, CancellationToken.None);
        using var given = new CancellationTokenSource();
        var gone = _queue.WaitAsync(0, given.Token);
        var next = _queue.WaitAsync(0, CancellationToken.None);

        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        _queue.Release();
        await next.WaitAsync(Patience.Hang);
        _queue.Release();

        Assert.True(_queue.WaitAsync(0, CancellationToken.None).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Nobody_ever_has_the_turn_with_another()
    {
        var inside = 0;
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
        {
            await _queue.WaitAsync(i % 3, CancellationToken.None);
            Assert.Equal(1, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
            _queue.Release();
        })));

        Assert.Equal(0, inside);
    }
}
